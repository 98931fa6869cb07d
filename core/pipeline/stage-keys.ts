import type { JobSpec, Plan } from '../../contracts/artefacts';
import type { GivenPrompt } from '../../contracts/prompts';
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
  const { start, end, frameStep, chunkFrames, overlapFrames } = job.options.planning;
  return hash(canonicalJson({ stage: 'plan', codeVersion: job.codeVersion, probe: probeKey(job, hash), start, end, frameStep, chunkFrames, overlapFrames }));
}

/**
 * Keys of all stages after planning. A key is the hash of everything that decides the bytes: inputs (by their keys), options,
 * model and code version; never the job's name, the machine, or how many workers there are.
 */
export class StageKeys {
  private readonly memory = new Map<string, string>();
  /** By chunk; see followsPrevious. */
  private readonly follows: readonly boolean[];

  constructor(
    private readonly job: JobSpec,
    private readonly plan: Plan,
    private readonly hash: HashText,
    private readonly given: GivenObjects = NOTHING_GIVEN,
  ) {
    this.follows = this.findFollowers();
  }

  /** Positions on which the mask generator runs in a chunk; none when only given objects are followed. */
  detectionPositions(chunk: number): number[] {
    const { startFrame, endFrame } = this.chunk(chunk);
    const { detectEvery, tracker, onlyPrompted } = this.job.options.tracking;
    if (onlyPrompted) return [];
    return detectionPositions({ startFrame, endFrame, detectEvery, sceneCuts: this.plan.sceneCuts, everyPosition: tracker === 'iou' });
  }

  /** Scene starts inside a chunk, its own first position left out. */
  sceneCuts(chunk: number): number[] {
    const { startFrame, endFrame } = this.chunk(chunk);
    return this.plan.sceneCuts.filter((cut) => cut > startFrame && cut < endFrame);
  }

  /** What the user says of objects on frames of a chunk. */
  prompts(chunk: number): GivenPrompt[] {
    const { startFrame, endFrame } = this.chunk(chunk);
    return this.given.prompts.filter(({ position }) => position >= startFrame && position < endFrame);
  }

  /**
   * Whether a chunk takes given objects over from the one before: they share frames, and something was given on a frame of
   * that one, or of those which that one takes over from.
   */
  followsPrevious(chunk: number): boolean {
    return this.follows[chunk] ?? false;
  }

  private findFollowers(): boolean[] {
    let isCarried = false;
    return this.plan.chunks.map(({ index }) => {
      const before = this.plan.chunks[index - 1];
      const shares = before !== undefined && this.chunk(index).startFrame < before.endFrame;
      const isGivenBefore = before !== undefined && (this.prompts(index - 1).length > 0 || (before.startFrame === 0 && this.job.firstFrameMask !== null));
      isCarried = shares && (isCarried || isGivenBefore);
      return isCarried;
    });
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
    while (this.followsPrevious(first) && !this.memory.has(`track/${first - 1}`)) first--;
    for (; first < chunk; first++) this.trackAfterPrevious(first);
    return this.trackAfterPrevious(chunk);
  }

  /** Key for the border between chunk `left` and the next. */
  match(left: number): string {
    const { stitchIouThresh, stitchLowIouThresh, stitchMargin } = this.job.options.planning;
    return this.key('match', left, () => ({ left: this.track(left), right: this.track(left + 1), stitchIouThresh, stitchLowIouThresh, stitchMargin }));
  }

  resolve(): string {
    const chunks = this.plan.chunks.map((chunk) => chunk.index);
    const { stitchMargin, reidentify, reidentifyThresh, reidentifyGap } = this.job.options.planning;
    return this.key('resolve', 0, () => ({
      tracks: chunks.map((chunk) => this.track(chunk)),
      matches: chunks.slice(1).map((chunk) => this.match(chunk - 1)),
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
    const { startFrame, endFrame } = this.chunk(chunk);
    const firstFrameMask = startFrame === 0 ? (this.job.firstFrameMask?.sha256 ?? null) : null;
    const { tracking } = this.job.options;
    return this.key('track', chunk, () => ({
      ...{ detect: this.detect(chunk), startFrame, endFrame, sceneCuts: this.sceneCuts(chunk), tracking, firstFrameMask },
      ...{ prompts: this.prompts(chunk), previous: this.followsPrevious(chunk) ? this.trackAfterPrevious(chunk - 1) : null },
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
