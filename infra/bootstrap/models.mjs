// The model files of the default bundle, fetched once into the cache and checked against the checksums in the repository.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { DIST } from './paths.mjs';
import { SetupError, formatElapsed, say } from './say.mjs';

export const DEFAULT_BUNDLE = 'mobilesam';
const PROVIDER = path.join(DIST, 'models/bundles/index.js');

export async function ensureModels(bundle = DEFAULT_BUNDLE) {
  if (!fs.existsSync(PROVIDER)) return;
  const { ensureBundle } = createRequire(import.meta.url)(PROVIDER);
  if (typeof ensureBundle !== 'function') return;
  const started = Date.now();
  try {
    await ensureBundle(bundle, { log: say });
  } catch (error) {
    throw new SetupError(`the model files of ${bundle} could not be made ready: ${error.message}`, { cause: error });
  }
  if (Date.now() - started > 2_000) say(`models ready in ${formatElapsed(Date.now() - started)}`);
}
