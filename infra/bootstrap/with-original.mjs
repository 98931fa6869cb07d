// `node infra/bootstrap/with-original.mjs FAMILY SCRIPT [argument …]`: run a benchmark beside a Python original, whose Python it gets in
// ORIGINAL_PYTHON. An ORIGINAL_PYTHON that is set already is kept.
import { runOrExit } from './command.mjs';
import { fromRoot } from './paths.mjs';
import { ensureOriginal, ensurePyTorch } from './python-originals.mjs';
import { exitWith } from './say.mjs';

async function main() {
  const [family, script, ...rest] = process.argv.slice(2);
  const python = process.env.ORIGINAL_PYTHON ?? (await ensureOriginal(family, await ensurePyTorch(script)));
  runOrExit(process.execPath, [fromRoot(script), ...rest], { env: { ...process.env, ORIGINAL_PYTHON: python, PYTHONDONTWRITEBYTECODE: '1' } });
}

await main().catch(exitWith);
