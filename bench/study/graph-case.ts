import type { GraphTensors } from '../../models/runtime/ort-session';
import type { ResolvedBundle } from '../../models/bundles';

/** One graph with inputs of one size. */
export interface GraphCase {
  /** Bundle role of the graph. */
  readonly role: string;
  /** What the batch is, for people. */
  readonly batch: string;
  readonly feeds: GraphTensors;
}

export interface CaseSizes {
  readonly inputSize: number;
  /** Prompts per decoder call. */
  readonly prompts: readonly number[];
  /** Objects per call of the memory graphs. */
  readonly objects: readonly number[];
  /** Frames in the memory. */
  readonly frames: number;
}

/** What earlier graphs gave, by output name: decoders and memory graphs are fed with it, so that their inputs are real ones. */
export type EarlierOutputs = GraphTensors;

/** Times the cases of one graph. Gives the CPU's outputs of the last one. */
export type RunCases = (cases: readonly GraphCase[]) => Promise<EarlierOutputs>;

/** Times all graphs of a bundle of one family, each fed with what earlier ones gave or with numbers of about the size that real ones have. */
export type RunFamily = (bundle: ResolvedBundle, sizes: CaseSizes, run: RunCases) => Promise<void>;
