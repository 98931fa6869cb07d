/** What the workflow calls. Types only; activities/ implements them, workflows/ proxies them. */
import type { Summary } from './artefact-manifest';
import type { Correction, CorrectionDone } from './messages';
import type { ObjectRef } from './object-ref';

export interface StageInput {
  /** Reference to the JobSpec. */
  readonly job: ObjectRef;
  /** For logs and traces alone; absent from jobs that began with an older version. */
  readonly videoId?: string;
  /** Chunk index; for `match` the left chunk of the pair. */
  readonly chunk?: number;
}

export interface StageResult {
  /** True when the artefact was there already and nothing was computed. */
  readonly skipped: boolean;
  readonly summary: Summary;
}

export interface PlanResult extends StageResult {
  readonly positions: number;
  readonly chunkCount: number;
  /** Which chunks go on where the one before them stopped: writeChains of core/planning. */
  readonly chains: string;
  /** The result, when all of it is in the store already; absent otherwise. */
  readonly published?: PublishedResult;
}

export interface PublishedResult {
  readonly manifest: ObjectRef;
  readonly objects: number;
  readonly frames: number;
  /** It is the result without the corrections that were made of it: `correct` gives the one with them. */
  readonly hasCorrections?: true;
}

export interface PublishResult extends StageResult, PublishedResult {}

export interface CorrectInput extends StageInput {
  /** What to do; when absent the corrected result is only made sure of. */
  readonly correction?: Correction;
}

export interface CorrectResult extends PublishedResult {
  /** What the correction did. */
  readonly done?: CorrectionDone;
}

export interface ControlActivities {
  plan(input: StageInput): Promise<PlanResult>;
  match(input: StageInput): Promise<StageResult>;
  resolve(input: StageInput): Promise<StageResult>;
  relabel(input: StageInput): Promise<StageResult>;
  cleanup(input: StageInput): Promise<StageResult>;
}

export interface MediaActivities {
  probe(input: StageInput): Promise<StageResult>;
  render(input: StageInput): Promise<StageResult>;
  publish(input: StageInput): Promise<PublishResult>;
  correct(input: CorrectInput): Promise<CorrectResult>;
}

export interface InferenceActivities {
  detect(input: StageInput): Promise<StageResult>;
  track(input: StageInput): Promise<StageResult>;
}
