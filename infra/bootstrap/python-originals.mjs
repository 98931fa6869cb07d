// Python environments for the originals that we are compared with: one with PyTorch (about 6 GB), made once, and over it a small one
// per family, since two families bring packages of one name.
import path from 'node:path';
import { ensureEnvironment, findPython, PYTHON_HINT } from './python-environment.mjs';
import { fromRoot } from './paths.mjs';
import { SetupError } from './say.mjs';

const HOUR = 3_600_000;
/** Built from source, without isolation, or pip would fetch PyTorch a second time to build it. */
const FROM_SOURCE = { args: ['--no-deps', '--no-build-isolation'] };
/** By name: the folder below infra/export with requirements.txt; what is installed after that. */
const ORIGINALS = {
  sam2: [{ file: 'requirements-sam2.txt', ...FROM_SOURCE, env: { SAM2_BUILD_CUDA: '0' } }],
  deaot: [{ file: 'requirements-deaotpy.txt', args: ['--no-deps'] }],
  edgetam: [{ file: 'requirements-edgetam-dimos.txt', args: ['--no-deps'] }],
  cutie: [],
  xmem: [],
  mobilesam: [],
};

export const exportFolder = (family) => fromRoot('infra/export', family);

/** The Python with PyTorch. @param {string} purpose the command that needs it, for the message when there is no Python */
export async function ensurePyTorch(purpose) {
  const python = await findPython();
  if (python.problem) throw new SetupError(`${python.problem}; ${purpose} needs it: ${PYTHON_HINT}`);
  const installs = [{ file: fromRoot('infra/export/requirements.txt') }];
  const label = 'PyTorch for the Python originals';
  const program = await ensureEnvironment({ name: 'parity', label, announcement: 'installing PyTorch (about 6 GB); this is done once for this machine', installs, timeoutMs: HOUR }, python);
  return { python, program };
}

/** The Python in which a family's original can be imported. @throws RangeError for a family that is none */
export function ensureOriginal(family, { python, program }) {
  const own = ORIGINALS[family];
  if (own === undefined) throw new RangeError(`no original ${family}`);
  const installs = [{ file: 'requirements.txt' }, ...own].map((each) => ({ ...each, file: path.join(exportFolder(family), each.file) }));
  const label = `the Python original of ${family}`;
  return ensureEnvironment({ name: `parity-${family}`, label, announcement: `installing ${label}`, installs, base: program, timeoutMs: HOUR }, python);
}
