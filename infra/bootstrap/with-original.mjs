// `node infra/bootstrap/with-original.mjs FAMILY SCRIPT [argument …]`: run a benchmark beside a Python original, whose Python it gets in
// ORIGINAL_PYTHON. An ORIGINAL_PYTHON that is set already is kept.
import { spawnSync } from 'node:child_process';
import { fromRoot } from './paths.mjs';
import { ensureOriginal, ensurePyTorch } from './python-originals.mjs';
import { exitWith } from './say.mjs';

async function main() {
  const [family, script, ...rest] = process.argv.slice(2);
  const python = process.env.ORIGINAL_PYTHON ?? (await ensureOriginal(family, await ensurePyTorch(script)));
  const { status, error } = spawnSync(process.execPath, [fromRoot(script), ...rest], { stdio: 'inherit', env: { ...process.env, ORIGINAL_PYTHON: python, PYTHONDONTWRITEBYTECODE: '1' } });
  if (error) throw error;
  process.exitCode = status ?? 1;
}

await main().catch(exitWith);
