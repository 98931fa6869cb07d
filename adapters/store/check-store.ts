import { STAGES, type Stage } from '../../contracts/artefact-manifest';
import { VamgError } from '../../contracts/errors';
import path from 'node:path';
import type { ArtefactStore } from './artefact-store';
import { dataOf } from './referenced-data';
import { withScratchDir } from './scratch-dir';

export interface CheckOptions {
  /** Read all bytes and compare their sha256; otherwise only that the data is there, of the right size. */
  readonly readData: boolean;
  /** Discard what is damaged, so that the next job that needs it makes it again. */
  readonly repair: boolean;
  readonly onProgress?: (checked: number) => void;
}

export interface Damage {
  readonly stage: Stage;
  readonly key: string;
  readonly problem: 'manifest cannot be read' | 'data is missing' | 'data has another size' | 'data has other bytes';
}

export interface CheckReport {
  readonly artefacts: number;
  readonly bytes: number;
  readonly damaged: readonly Damage[];
}

/** Look at every artefact of a store: is all there that its manifest promises? */
export async function checkStore(artefacts: ArtefactStore, { readData, repair, onProgress }: CheckOptions): Promise<CheckReport> {
  const damaged: Damage[] = [];
  const known = new Map<string, Damage['problem'] | null>();
  let count = 0;
  let bytes = 0;
  for (const stage of STAGES) {
    for await (const object of artefacts.objects.list(`v1/${stage}/`)) {
      const key = path.posix.basename(object.key, '.json');
      count++;
      onProgress?.(count);
      const manifest = await artefacts.peek(stage, key);
      if (manifest === null) {
        damaged.push({ stage, key, problem: 'manifest cannot be read' });
        if (repair) await artefacts.objects.remove(object.key);
        continue;
      }
      let problem: Damage['problem'] | null = null;
      for (const ref of await dataOf(artefacts, manifest)) {
        if (!known.has(ref.key)) {
          known.set(ref.key, await problemOf(artefacts, ref, readData));
          bytes += ref.bytes;
        }
        problem ??= known.get(ref.key) ?? null;
      }
      if (problem === null) continue;
      damaged.push({ stage, key, problem });
      if (repair) await artefacts.discard(manifest);
    }
  }
  return { artefacts: count, bytes, damaged };
}

async function problemOf(artefacts: ArtefactStore, ref: { key: string; sha256: string; bytes: number }, readData: boolean): Promise<Damage['problem'] | null> {
  const stat = await artefacts.objects.stat(ref.key);
  if (stat === null) return 'data is missing';
  if (stat.bytes !== ref.bytes) return 'data has another size';
  if (!readData) return null;
  try {
    await withScratchDir(artefacts.scratchRoot, (folder) => artefacts.download(ref, path.join(folder, 'data')));
    return null;
  } catch (error) {
    if (error instanceof VamgError && error.failure === 'CorruptArtifact') return 'data has other bytes';
    throw error;
  }
}
