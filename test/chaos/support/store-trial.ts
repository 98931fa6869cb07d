import { rmSync } from 'node:fs';
import path from 'node:path';
import { removeUnder, type ObjectStore } from '../../../adapters/store/object-store';
import type { Cluster } from './cluster';
import { JOB } from './disturbed';
import { outcomeOf, type Outcome } from './oracle';

/** Take everything from a store that no job uses, so that the same film is worked on from the start. @param store another way to the cluster's */
export async function forget(cluster: Cluster, store: ObjectStore = cluster.objects): Promise<void> {
  await removeUnder(store, 'v1/');
  rmSync(path.join(cluster.folder, 'home', 'videos'), { recursive: true, force: true });
}

/** What a job left, under the name of the undisturbed one. */
export async function outcomeAs(cluster: Cluster, id: string): Promise<Outcome> {
  const { results, ...rest } = await outcomeOf(cluster, [id]);
  return { ...rest, results: { [JOB]: results[id]! } };
}
