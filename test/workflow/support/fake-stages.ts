import { ApplicationFailure, Context } from '@temporalio/activity';
import type { ControlActivities, CorrectInput, CorrectResult, InferenceActivities, MediaActivities, StageInput, StageResult } from '../../../contracts/activity-types';
import type { ObjectRef } from '../../../contracts/object-ref';

export interface FakeStagesOptions {
  readonly chunkCount: number;
  /** As from writeChains; every chunk by itself when absent. */
  readonly chains?: string;
  /** The plan finds the result in the store. */
  readonly isPublished?: boolean;
  /** Corrections were made of what an earlier run published. */
  readonly hasCorrections?: boolean;
  /** Runs inside an activity before it returns; may wait or throw. */
  readonly during?: (stage: string, chunk: number | undefined, attempt: number) => Promise<unknown>;
}

/** All activities of the workflow, doing nothing, and a record of what was called. */
export class FakeStages {
  readonly calls: string[] = [];
  /** IDs of the corrections that were done, in order. */
  readonly corrected: string[] = [];
  inFlight = 0;
  maxInFlight = 0;

  constructor(private readonly options: FakeStagesOptions) {}

  count(stage: string): number {
    return this.calls.filter((call) => call === stage || call.startsWith(`${stage} `)).length;
  }

  activities(): ControlActivities & MediaActivities & InferenceActivities {
    const stage = (name: string) => (input: StageInput) => this.stage(name, input);
    return {
      probe: stage('probe'),
      plan: async (input) => ({ ...(await this.stage('plan', input)), positions: this.options.chunkCount * 10, chunkCount: this.options.chunkCount, chains: this.options.chains ?? '|'.repeat(this.options.chunkCount), ...(this.options.isPublished === true && { published: { manifest: input.job, objects: 7, frames: 5, ...this.marks() } }) }),
      detect: stage('detect'),
      track: stage('track'),
      match: stage('match'),
      resolve: async (input) => ({ ...(await this.stage('resolve', input)), summary: { objects: 7 } }),
      relabel: stage('relabel'),
      render: stage('render'),
      publish: async (input) => ({ ...(await this.stage('publish', input)), manifest: input.job, objects: 7, frames: this.options.chunkCount * 10, ...this.marks() }),
      correct: (input) => this.correct(input),
      cleanup: stage('cleanup'),
    };
  }

  private marks(): { hasCorrections?: true } {
    return this.options.hasCorrections === true ? { hasCorrections: true } : {};
  }

  /** Every correction is one edit; the manifest says how many there were. */
  private async correct(input: CorrectInput): Promise<CorrectResult> {
    const { correction } = input;
    await this.stage('correct', input);
    if (correction !== undefined) this.corrected.push(correction.id);
    const number = this.corrected.length;
    const manifest = correctedManifest(number);
    const result = { manifest, objects: 7 - number, frames: this.options.chunkCount * 10 };
    if (correction === undefined) return result;
    return { ...result, done: { state: 'done', correction: correction.id, firstEdit: number, lastEdit: number, objectsBefore: 8 - number, objects: 7 - number, editsInForce: number, manifest } };
  }

  private async stage(name: string, input: StageInput): Promise<StageResult> {
    this.calls.push(input.chunk === undefined ? name : `${name} ${input.chunk}`);
    if (name === 'detect' || name === 'track') this.maxInFlight = Math.max(this.maxInFlight, ++this.inFlight);
    try {
      await this.options.during?.(name, input.chunk, Context.current().info.attempt);
    } finally {
      if (name === 'detect' || name === 'track') this.inFlight--;
    }
    return { skipped: false, summary: {} };
  }
}

/** Where a result with so many edits is said to be. */
export function correctedManifest(edits: number): ObjectRef {
  const sha256 = String(edits).padStart(64, '0');
  return { key: `v1/data/${sha256}`, sha256, bytes: edits };
}

/** Waits, heartbeating, until cancelled; rejects with the cancellation after `settleMs`. */
export async function untilCancelled(settleMs: number, onSettled: () => void): Promise<never> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 100);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(timer);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    onSettled();
  }
}

export function fail(type: string, nonRetryable: boolean): never {
  throw ApplicationFailure.create({ message: `${type} on purpose`, type, nonRetryable });
}
