import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBundleManifest, type ResolvedBundle } from '../../../models/bundles';
import { createSam2Model, type Sam2Model } from '../../../models/sam2/sam2-model';

/** What infra/export/sam2/golden.py wrote: frames, a tiny bundle with random weights, and the results of the Python original. */
export const GOLDEN_SAM2 = join(__dirname, '../../golden/sam2');

export function goldenBundle(): ResolvedBundle {
  const directory = join(GOLDEN_SAM2, 'bundle');
  const { manifest, sha256 } = parseBundleManifest(readFileSync(join(directory, 'bundle.json'), 'utf8'), 'the tiny bundle');
  return { name: manifest.name, sha256, manifest, directory };
}

export function openGoldenSam2(): Promise<Sam2Model> {
  return createSam2Model(goldenBundle(), goldenBundle().manifest.inputSizes[0]!, { intraOpThreads: 1 });
}
