import { condition, continueAsNew, isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { segmentVideo } from './segment-video';
import { PHASES, type Phase, type SegmentCarry, type SegmentVideoInput, type SegmentVideoResult } from '../contracts/messages';
import type { PublishedResult, StageInput } from '../contracts/activity-types';
import { isContinuation, startOrder } from '../core/planning/chains';
import type { Corrections } from './corrections';
import { createCallActivity, type CallActivity } from './proxies';
import type { ProgressBoard } from './progress-board';
import { runWindow } from './run-window';

const STAGE_ATTRIBUTE = defineSearchAttributeKey('Stage', 'KEYWORD');
/** Matching and relabelling need no accelerator: a few more of them may wait in line than chunks do. */
const LIGHT_WINDOW = 4;

/** One pass over the phases of a job. Stages that are in the store already return at once, so a pass may start anywhere. */
export class SegmentRun {
  private readonly call: CallActivity;
  private readonly job: StageInput;
  private chunkCount = 0;
  /** Which chunks go on where the one before them stopped; those wait for it. */
  private chains = '';
  private readonly tracked = new Set<number>();

  constructor(
    private readonly input: SegmentVideoInput,
    private readonly board: ProgressBoard,
    private readonly corrections: Corrections,
    /** Where an earlier run of this workflow stopped. */
    private readonly carry: SegmentCarry | undefined,
    private readonly repairs: number,
  ) {
    this.call = createCallActivity(input);
    this.job = { job: input.job, videoId: input.videoId };
  }

  async run(): Promise<SegmentVideoResult> {
    await this.enter('probe');
    await this.call('probe', this.job, 'read the video');
    await this.enter('plan');
    const plan = await this.call('plan', this.job, 'cut into chunks');
    this.chunkCount = plan.chunkCount;
    this.chains = plan.chains;
    const order = startOrder(this.chains, plan.chunkCount);
    const borders = order.filter((chunk) => !isContinuation(this.chains, chunk)).length - 1;
    this.board.setPlan(plan.positions, plan.chunkCount);
    if (plan.published !== undefined) return this.finish(await this.corrected(plan.published));
    this.recallProgress(order);
    if (this.input.stitchOnly !== true) await this.phase('chunks', this.chunkCount, this.input.parallel, (at) => this.segmentChunk(order[at]!));
    await this.phase('match', borders, LIGHT_WINDOW, async (left) => void (await this.call('match', { ...this.job, chunk: left }, `border ${left + 1}/${borders}`)));
    await this.enter('resolve');
    const resolved = await this.call('resolve', this.job, 'one ID per object');
    this.board.objects = Number(resolved.summary['objects'] ?? 0);
    await this.phase('render', this.chunkCount, Math.max(LIGHT_WINDOW, this.input.parallel), (chunk) => this.renderChunk(chunk));
    await this.enter('publish');
    const published = await this.call('publish', this.job, 'write the result');
    await this.call('cleanup', this.job, 'remove checkpoints');
    return this.finish(await this.corrected(published));
  }

  /** A result made again has the corrections that were made of it before. */
  private async corrected(published: PublishedResult): Promise<PublishedResult> {
    return published.hasCorrections === true ? await this.call('correct', this.job, 'its corrections') : published;
  }

  private finish({ manifest, objects, frames }: PublishedResult): SegmentVideoResult {
    this.board.markDone('publish', []);
    this.board.objects = objects;
    this.setPhase('done');
    return { schemaVersion: 1, manifest, objects, frames };
  }

  /** What earlier runs of this workflow have done. */
  private recallProgress(order: readonly number[]): void {
    if (this.carry === undefined) {
      if (this.input.stitchOnly === true) this.board.markDone('match', []);
      return;
    }
    const { phase, next } = this.carry;
    const through = phase === 'chunks' ? order.slice(0, next) : Array.from({ length: next }, (_, chunk) => chunk);
    if (phase === 'chunks') for (const chunk of through) this.tracked.add(chunk);
    this.board.markDone(phase, through);
  }

  private async segmentChunk(chunk: number): Promise<void> {
    const summary = `chunk ${chunk + 1}/${this.chunkCount}`;
    await this.inChunk(chunk, async () => {
      this.board.setChunk(chunk, 'detecting');
      await this.call('detect', { ...this.job, chunk }, summary);
      await this.whenPreviousIsTracked(chunk);
      await this.whenNotPaused();
      this.board.setChunk(chunk, 'tracking');
      await this.call('track', { ...this.job, chunk }, summary);
      this.tracked.add(chunk);
      this.board.setChunk(chunk, 'tracked');
    });
  }

  private async whenPreviousIsTracked(chunk: number): Promise<void> {
    if (isContinuation(this.chains, chunk)) await condition(() => this.tracked.has(chunk - 1));
  }

  private async renderChunk(chunk: number): Promise<void> {
    const summary = `chunk ${chunk + 1}/${this.chunkCount}`;
    await this.inChunk(chunk, async () => {
      this.board.setChunk(chunk, 'rendering');
      await this.call('relabel', { ...this.job, chunk }, summary);
      await this.whenNotPaused();
      if (this.input.overlay || this.input.viewer) await this.call('render', { ...this.job, chunk }, summary);
      this.board.setChunk(chunk, 'done');
    });
  }

  private async inChunk(chunk: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // What another chunk's failure stopped has not failed itself.
      if (!isCancellation(error)) this.board.setChunk(chunk, 'failed');
      throw error;
    }
  }

  /** Run a phase over its items from where an earlier run of this workflow stopped; continue as new when the history is long. */
  private async phase(phase: Phase, count: number, limit: number, run: (index: number) => Promise<void>): Promise<void> {
    const from = this.firstOf(phase);
    if (from >= count) return;
    await this.enter(phase);
    const mayStart = (): boolean => !this.board.paused;
    const next = await runWindow({ from, count, limit, mayStart, shouldDrain: () => workflowInfo().continueAsNewSuggested, run });
    if (next < count) await this.startOver(phase, next);
  }

  private firstOf(phase: Phase): number {
    if (this.carry === undefined || PHASES.indexOf(this.carry.phase) < PHASES.indexOf(phase)) return 0;
    return this.carry.phase === phase ? this.carry.next : Infinity;
  }

  private async startOver(phase: Phase, next: number): Promise<never> {
    const corrections = await this.corrections.leave();
    const resumeFrom: SegmentCarry = { phase, next, startedAtMs: this.board.startedAtMs, paused: this.board.paused, repairs: this.repairs, ...(corrections.length > 0 && { corrections }) };
    return await continueAsNew<typeof segmentVideo>({ ...this.input, resumeFrom });
  }

  private async enter(phase: Phase): Promise<void> {
    await this.whenNotPaused();
    this.setPhase(phase);
  }

  private setPhase(phase: Phase): void {
    this.board.phase = phase;
    if (this.input.searchAttributes === true) upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: phase }]);
  }

  private async whenNotPaused(): Promise<void> {
    if (this.board.paused) await condition(() => !this.board.paused);
  }
}
