import type { JobSpec, Plan } from '../../contracts/artefacts';
import { detectionPositions } from '../planning/detection-positions';
import { canonicalJson } from './canonical-json';

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

  constructor(
    private readonly job: JobSpec,
    private readonly plan: Plan,
    private readonly hash: HashText,
  ) {}

  /** Positions on which the mask generator runs in a chunk. */
  detectionPositions(chunk: number): number[] {
    const { startFrame, endFrame } = this.chunk(chunk);
    const { detectEvery, tracker } = this.job.options.tracking;
    return detectionPositions({ startFrame, endFrame, detectEvery, sceneCuts: this.plan.sceneCuts, everyPosition: tracker === 'iou' });
  }

  /** Scene starts inside a chunk, its own first position left out. */
  sceneCuts(chunk: number): number[] {
    const { startFrame, endFrame } = this.chunk(chunk);
    return this.plan.sceneCuts.filter((cut) => cut > startFrame && cut < endFrame);
  }

  detect(chunk: number): string {
    const { videoId, options, model } = this.job;
    const { firstFrame, frameStep } = this.plan;
    const { amg, inputSize } = options;
    return this.key('detect', chunk, () => ({ videoId, firstFrame, frameStep, positions: this.detectionPositions(chunk), amg, inputSize, model: model.sha256 }));
  }

  track(chunk: number): string {
    const { startFrame, endFrame } = this.chunk(chunk);
    const firstFrameMask = startFrame === 0 ? (this.job.firstFrameMask?.sha256 ?? null) : null;
    const { tracking } = this.job.options;
    return this.key('track', chunk, () => ({ detect: this.detect(chunk), startFrame, endFrame, sceneCuts: this.sceneCuts(chunk), tracking, firstFrameMask }));
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
    return this.key('publish', 0, () => ({ resolve: this.resolve(), output: this.job.options.output, videoName: this.job.videoName, options: this.job.options }));
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
