import { profileRuns } from '../../models/runtime/profile-runs';
import { tensor } from './case-tensors';
import { isCounted, operationsOf, readProfile } from './operator-work';

/** What one run of a graph with inputs of given sizes takes. */
export interface GraphWork {
  /** Floating-point operations in matrix products and convolutions. */
  readonly operations: number;
  /** Share of the time that is spent in these, 0..1; the rest moves, adds and scales numbers. */
  readonly productShare: number;
}

export type InputSizes = Readonly<Record<string, readonly number[]>>;

/**
 * Runs a graph twice with ones of these sizes and takes the second: what the inputs hold makes no difference to its work.
 * @throws Error when the graph cannot be loaded or refuses the sizes
 */
export async function countWork(graphPath: string, sizes: InputSizes): Promise<GraphWork> {
  const feeds = Object.fromEntries(Object.entries(sizes).map(([name, dims]) => [name, tensor(dims, () => 1)]));
  const both = readProfile(await profileRuns(graphPath, feeds, 2));
  const runs = both.slice(both.length / 2);
  const time = (some: typeof runs): number => some.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return { operations: runs.reduce((sum, run) => sum + operationsOf(run), 0), productShare: time(runs.filter(({ operator }) => isCounted(operator))) / time(runs) };
}
