// `npm run parity [family …]`: run the Python originals of the trackers anew, write their results to test/golden, then compare ours with them.
// PARITY_PYTHON names an environment that is there already, with what every chosen family needs.
import { runOrExit } from './command.mjs';
import { fromRoot } from './paths.mjs';
import { ensureOriginal, ensurePyTorch, exportFolder } from './python-originals.mjs';
import { exitWith, SetupError } from './say.mjs';

/** Folders below infra/export with a golden.py. The original of xmem is no package: golden.py runs our own Python, which compare.py holds against a checkout of it. */
const FAMILIES = ['sam2', 'deaot', 'edgetam', 'cutie', 'xmem'];

function chosenFamilies(names) {
  const unknown = names.find((name) => !FAMILIES.includes(name));
  if (unknown !== undefined) throw new SetupError(`there is no family ${unknown}; there are ${FAMILIES.join(', ')}`);
  return names.length > 0 ? names : FAMILIES;
}

async function main() {
  const families = chosenFamilies(process.argv.slice(2));
  const given = process.env.PARITY_PYTHON;
  const base = given ? undefined : await ensurePyTorch('npm run parity');
  for (const family of families) {
    const program = given ?? (await ensureOriginal(family, base));
    runOrExit(program, ['golden.py', '--out', fromRoot('test/golden', family)], { cwd: exportFolder(family), env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
  }
  const jest = fromRoot('node_modules/jest/bin/jest.js');
  runOrExit(process.execPath, [jest, ...families.map((family) => `test/integration/models/${family}`), '--selectProjects', 'integration'], { cwd: fromRoot() });
}

await main().catch(exitWith);
