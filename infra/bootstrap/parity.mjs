// `npm run parity [family …]`: run the Python originals of the trackers anew, write their results to test/golden, then compare ours with them.
// One environment with PyTorch (about 6 GB) is made once, and over it a small one per family, since two families bring packages of one
// name. PARITY_PYTHON names an environment that is there already, with what every chosen family needs.
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { ensureEnvironment, findPython, PYTHON_HINT } from './python-environment.mjs';
import { fromRoot } from './paths.mjs';
import { exitWith, SetupError } from './say.mjs';

const HOUR = 3_600_000;
/** Built from source, without isolation, or pip would fetch PyTorch a second time to build it. */
const FROM_SOURCE = { args: ['--no-deps', '--no-build-isolation'] };
/** By name: the folder below infra/export, with golden.py and requirements.txt; what is installed after that. The original of xmem is no package: golden.py runs our own Python, which compare.py holds against a checkout of it. */
const FAMILIES = {
  sam2: [{ file: 'requirements-sam2.txt', ...FROM_SOURCE, env: { SAM2_BUILD_CUDA: '0' } }],
  deaot: [{ file: 'requirements-deaotpy.txt', args: ['--no-deps'] }],
  edgetam: [{ file: 'requirements-edgetam-dimos.txt', args: ['--no-deps'] }],
  cutie: [],
  xmem: [],
};
const exportFolder = (family) => fromRoot('infra/export', family);

function chosenFamilies(names) {
  const unknown = names.find((name) => !Object.hasOwn(FAMILIES, name));
  if (unknown !== undefined) throw new SetupError(`there is no family ${unknown}; there are ${Object.keys(FAMILIES).join(', ')}`);
  return names.length > 0 ? names : Object.keys(FAMILIES);
}

async function ensureBase() {
  const python = await findPython();
  if (python.problem) throw new SetupError(`${python.problem}; npm run parity needs it: ${PYTHON_HINT}`);
  const installs = [{ file: fromRoot('infra/export/requirements.txt') }];
  const label = 'PyTorch for the parity runs';
  const program = await ensureEnvironment({ name: 'parity', label, announcement: 'installing PyTorch (about 6 GB); this is done once for this machine', installs, timeoutMs: HOUR }, python);
  return { python, program };
}

function ensureFamily(family, { python, program }) {
  const installs = [{ file: 'requirements.txt' }, ...FAMILIES[family]].map((each) => ({ ...each, file: path.join(exportFolder(family), each.file) }));
  const label = `the Python original of ${family}`;
  return ensureEnvironment({ name: `parity-${family}`, label, announcement: `installing ${label}`, installs, base: program, timeoutMs: HOUR }, python);
}

function runOrExit(program, args, options) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

async function main() {
  const families = chosenFamilies(process.argv.slice(2));
  const given = process.env.PARITY_PYTHON;
  const base = given ? undefined : await ensureBase();
  for (const family of families) {
    const program = given ?? (await ensureFamily(family, base));
    runOrExit(program, ['golden.py', '--out', fromRoot('test/golden', family)], { cwd: exportFolder(family), env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
  }
  const jest = fromRoot('node_modules/jest/bin/jest.js');
  runOrExit(process.execPath, [jest, ...families.map((family) => `test/integration/models/${family}`), '--selectProjects', 'integration'], { cwd: fromRoot() });
}

await main().catch(exitWith);
