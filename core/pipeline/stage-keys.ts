import type { JobSpec, Plan } from '../../contracts/artefacts';
import type { GivenPrompt } from '../../contracts/prompts';
import { within } from '../planning/ascending';
import { chainsOf, chainWith, type Chain } from '../planning/chains';
import { detectionPositions } from '../planning/detection-positions';
import { canonicalJson } from './canonical-json';

/** The objects of `--prompts`. */
export interface GivenObjects {
  /** By position, then ID. */
  readonly prompts: readonly GivenPrompt[];
  /** The user's names by ID. */
  readonly labels: ReadonlyMap<number, string>;
}

export const NOTHING_GIVEN: GivenObjects = { prompts: [], labels: new Map() };

/** sha256 of UTF-8 text as 64 hex digits; given from outside because core is pure. */
export type HashText = (text: string) => string;

/** Key of the probe artefact: the video alone decides it. */
export function probeKey(job: JobSpec, hash: HashText): string {
  return hash(canonicalJson({ stage: 'probe', codeVersion: job.codeVersion, videoId: job.videoId }));
}

/** Key of the plan artefact. */
export function planKey(job: JobSpec, hash: HashText): string {
  const { start, end, frameStep, chunkFrames, overlapFrames, chainChunks } = job.options.planning;
  const chains = { chainChunks, detectEvery: job.options.tracking.detectEvery, hasGiven: hasGiven(job) };
  return hash(canonicalJson({ stage: 'plan', codeVersion: job.codeVersion, probe: probeKey(job, hash), start, end, frameStep, chunkFrames, overlapFrames, ...chains }));
}

/** Key of a corrected result: the job, and everything that was done to its result by hand. @param trail sha256 of edits.jsonl */
export function correctKey(jobSha256: string, trail: string, hash: HashText): string {
  return hash(canonicalJson({ stage: 'correct', job: jobSha256, trail }));
}

/** Whether the user gave objects to follow. */
export function hasGiven({ prompts, firstFrameMask }: JobSpec): boolean {
  return prompts !== null || firstFrameMask !== null;
}

/**
 * Keys of all stages after planning. A key is the hash of everything that decides the bytes: inputs (by their keys), options,
 * model and code version; never the job's name, the machine, or how many workers there are.
 */
export class StageKeys {
  private readonly memory = new Map<string, string>();
  /** What stitching joins. */
  readonly chains: readonly Chain[];

  constructor(
    private readonly job: JobSpec,
    private readonly plan: Plan,
    private readonly hash: HashText,
    private readonly given: GivenObjects = NOTHING_GIVEN,
  ) {
    this.chains = chainsOf(plan.chunks);
  }

  /** Positions on which the mask generator runs in a chunk; none when only given objects are followed. */
  detectionPositions(chunk: number): number[] {
    const { startFrame, endFrame, continuesPrevious } = this.chunk(chunk);
    const { detectEvery, tracker, onlyPrompted } = this.job.options.tracking;
    if (onlyPrompted) return [];
    return detectionPositions({ startFrame, endFrame, continuesPrevious, detectEvery, sceneCuts: within(this.plan.sceneCuts, startFrame, endFrame), everyPosition: tracker === 'iou' });
  }

  /** Scene starts inside a chunk; its first position is none of them unless it continues another. */
  sceneCuts(chunk: number): number[] {
    const { startFrame, endFrame, continuesPrevious } = this.chunk(chunk);
    return within(this.plan.sceneCuts, continuesPrevious ? startFrame : startFrame + 1, endFrame);
  }

  /** What the user says of objects on frames of a chunk. */
  prompts(chunk: number): GivenPrompt[] {
    const { startFrame, endFrame } = this.chunk(chunk);
    return this.given.prompts.filter(({ position }) => position >= startFrame && position < endFrame);
  }

  /** Number from which on found objects are counted: above all that the user gave. */
  firstFreeId(): number {
    return this.given.prompts.reduce((least, { objectId }) => Math.max(least, objectId + 1), 1);
  }

  /** The chain that a chunk is in. @throws RangeError for a chunk outside the plan */
  chainOf(chunk: number): Chain {
    return chainWith(this.chains, chunk);
  }

  /** Whether the chunk after this one goes on where it stops. */
  isContinued(chunk: number): boolean {
    return this.plan.chunks[chunk + 1]?.continuesPrevious ?? false;
  }

  detect(chunk: number): string {
    const { videoId, options, model } = this.job;
    const { firstFrame, frameStep } = this.plan;
    const { amg, inputSize } = options;
    return this.key('detect', chunk, () => ({ videoId, firstFrame, frameStep, positions: this.detectionPositions(chunk), amg, inputSize, model: model.sha256 }));
  }

  track(chunk: number): string {
    // A chain of chunks is gone through from its start, so that it may be of any length.
    let first = chunk;
    while (this.chunk(first).continuesPrevious && !this.memory.has(`track/${first - 1}`)) first--;
    for (; first < chunk; first++) this.trackAfterPrevious(first);
    return this.trackAfterPrevious(chunk);
  }

  /** Key for the border between chain `left` and the next. */
  match(left: number): string {
    const { stitchIouThresh, stitchLowIouThresh, stitchMargin } = this.job.options.planning;
    const tracksOf = ({ firstChunk, endChunk }: Chain): string[] => this.plan.chunks.slice(firstChunk, endChunk).map(({ index }) => this.track(index));
    return this.key('match', left, () => ({ left: tracksOf(this.chains[left]!), right: tracksOf(this.chains[left + 1]!), stitchIouThresh, stitchLowIouThresh, stitchMargin }));
  }

  resolve(): string {
    const chunks = this.plan.chunks.map((chunk) => chunk.index);
    const { stitchMargin, reidentify, reidentifyThresh, reidentifyGap } = this.job.options.planning;
    return this.key('resolve', 0, () => ({
      tracks: chunks.map((chunk) => this.track(chunk)),
      matches: this.chains.slice(1).map((chain) => this.match(chain.index - 1)),
      owned: this.plan.chunks.map((chunk) => [chunk.ownedStart, chunk.ownedEnd]),
      stitchMargin,
      reidentification: { reidentify, reidentifyThresh, reidentifyGap, sceneCuts: this.plan.sceneCuts },
    }));
  }

  relabel(chunk: number): string {
    return this.key('relabel', chunk, () => ({ resolve: this.resolve(), chunk }));
  }

  render(chunk: number): string {
    return this.key('render', chunk, () => ({ relabel: this.relabel(chunk), output: this.job.options.output }));
  }

  publish(): string {
    return this.key('publish', 0, () => ({ resolve: this.resolve(), output: this.job.options.output, videoName: this.job.videoName, options: this.job.options, labels: [...this.given.labels] }));
  }

  /** With a chain of chunks the key of the one before must be known, or this goes as deep as the chain is long. */
  private trackAfterPrevious(chunk: number): string {
    const { startFrame, endFrame, continuesPrevious } = this.chunk(chunk);
    const firstFrameMask = startFrame === 0 ? (this.job.firstFrameMask?.sha256 ?? null) : null;
    const { tracking } = this.job.options;
    return this.key('track', chunk, () => ({
      ...{ detect: this.detect(chunk), startFrame, endFrame, sceneCuts: this.sceneCuts(chunk), tracking, firstFrameMask },
      ...{ prompts: this.prompts(chunk), firstFreeId: this.firstFreeId(), isContinued: this.isContinued(chunk) },
      previous: continuesPrevious ? this.trackAfterPrevious(chunk - 1) : null,
    }));
  }

  private chunk(index: number): Plan['chunks'][number] {
    const chunk = this.plan.chunks[index];
    if (chunk === undefined) throw new RangeError(`chunk ${index} is outside 0..${this.plan.chunks.length - 1}`);
    return chunk;
  }

  private key(stage: string, index: number, inputs: () => Record<string, unknown>): string {
    const name = `${stage}/${index}`;
    const known = this.memory.get(name);
    if (known !== undefined) return known;
    const key = this.hash(canonicalJson({ stage, codeVersion: this.job.codeVersion, ...inputs() }));
    this.memory.set(name, key);
    return key;
  }
}
