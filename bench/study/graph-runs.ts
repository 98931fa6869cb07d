import type { GraphRun } from '../../models/runtime/ort-session';
import type { InputSizes } from './graph-work';

/** Runs of one graph with inputs of the same sizes. */
export interface SizedRuns {
  readonly inputSizes: InputSizes;
  count: number;
}

/** All runs of one graph. */
export interface RoleRuns {
  readonly role: string;
  count: number;
  milliseconds: number;
  readonly bySizes: Map<string, SizedRuns>;
}

/** Counts the runs of a bundle's graphs; its `record` is what `onRun` is told. */
export class GraphRuns {
  private readonly byRole = new Map<string, RoleRuns>();

  readonly record = ({ label, inputSizes, milliseconds }: GraphRun): void => {
    const role = label.split(' ').at(-1)!;
    const runs = getOrAdd(this.byRole, role, () => ({ role, count: 0, milliseconds: 0, bySizes: new Map<string, SizedRuns>() }));
    runs.count++;
    runs.milliseconds += milliseconds;
    getOrAdd(runs.bySizes, JSON.stringify(inputSizes), () => ({ inputSizes, count: 0 })).count++;
  };

  /** In the order in which graphs were first used. */
  roles(): RoleRuns[] {
    return [...this.byRole.values()];
  }

  /** Milliseconds inside all graphs so far. */
  milliseconds(): number {
    return this.roles().reduce((sum, runs) => sum + runs.milliseconds, 0);
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
