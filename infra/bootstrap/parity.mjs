// `npm run parity`: run the Python originals anew and write their results to test/golden, then compare ours with them.
// The environment (about 6 GB with PyTorch) is made once per version of its requirements; PARITY_PYTHON names one that is there already.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cacheRoot } from './cache.mjs';
import { findPython, pythonIn } from './export-readers.mjs';
import { fromRoot } from './paths.mjs';

const EXPORT = fromRoot('infra/export/sam2');
const REQUIREMENTS = ['requirements.txt', 'requirements-sam2.txt'].map((name) => path.join(EXPORT, name));

function runOrExit(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', cwd: os.tmpdir(), ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** sam2 is built from source; without isolation, or pip would fetch PyTorch a second time to build it. */
function install(python, folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  runOrExit(python.program, ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
  runOrExit(pythonIn(folder), [...pip, '-r', REQUIREMENTS[0]]);
  runOrExit(pythonIn(folder), [...pip, '--no-deps', '--no-build-isolation', '-r', REQUIREMENTS[1]], { env: { ...process.env, SAM2_BUILD_CUDA: '0' } });
  fs.writeFileSync(path.join(folder, 'installed'), '');
}

async function ensurePython() {
  if (process.env.PARITY_PYTHON) return process.env.PARITY_PYTHON;
  const python = await findPython();
  if (python.problem) throw new Error(`${python.problem}: npm run parity needs Python 3.11 or newer with its venv module`);
  const key = createHash('sha256').update([...REQUIREMENTS.map((file) => fs.readFileSync(file, 'utf8')), python.version].join('\n'));
  const folder = path.join(cacheRoot(), 'python', `parity-${key.digest('hex').slice(0, 16)}`);
  if (!fs.existsSync(path.join(folder, 'installed'))) install(python, folder);
  return pythonIn(folder);
}

const program = await ensurePython();
runOrExit(program, ['golden.py', '--out', fromRoot('test/golden/sam2')], { cwd: EXPORT, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
const jest = fromRoot('node_modules/jest/bin/jest.js');
runOrExit(process.execPath, [jest, 'test/integration/models/sam2', '--selectProjects', 'integration'], { cwd: fromRoot() });
