// A Python environment with the readers that other people use, for the tests that read our exports back.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { formatElapsed, say, withElapsedLines } from './say.mjs';
import { cacheRoot, lockPath, readJson, writeJson } from './cache.mjs';
import { findOnPath, lastLines, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { isAtLeast } from './node-version.mjs';
import { fromRoot } from './paths.mjs';

const REQUIREMENTS = fromRoot('test/integration/export/readers/requirements.txt');
const MINIMUM_PYTHON = '3.11.0';
const TEN_MINUTES = 600_000;
const HINT = `install Python ${MINIMUM_PYTHON} or newer with its venv module (on Debian the packages python3 and python3-venv)`;

/** The Python on PATH as { program, version, real }, or why there is none that will do. */
export async function findPython() {
  const program = findOnPath('python3') ?? findOnPath('python');
  if (program === undefined) return { problem: 'there is no Python' };
  const script = 'import ensurepip, platform, sys, venv; print(platform.python_version(), sys.executable)';
  const { code, stdout } = await run(program, ['-c', script], { cwd: os.tmpdir(), timeoutMs: 30_000 });
  if (code !== 0) return { problem: `${program} cannot make environments` };
  const [version, real] = stdout.trim().split(' ');
  return isAtLeast(version, MINIMUM_PYTHON) ? { program, version, real } : { problem: `${program} is version ${version}` };
}

/** Where the environment for these requirements and this Python lies. */
export function readersFolder(requirements, { version, real }) {
  const key = createHash('sha256').update([requirements, version, real, process.platform, process.arch].join('\n')).digest('hex').slice(0, 16);
  return path.join(cacheRoot(), 'python', `export-readers-${key}`);
}

export const pythonIn = (folder) => path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
/** Written last, so that an interrupted installation is not taken for a whole one. */
const doneFile = (folder) => path.join(folder, 'installed.json');
const isDone = (folder) => readJson(doneFile(folder)) !== undefined && fs.existsSync(pythonIn(folder));

async function install(python, folder) {
  const started = Date.now();
  fs.rmSync(folder, { recursive: true, force: true });
  say('installing the Python readers of the export tests (about 200 MB); this is done once for this machine');
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries', '2', '--no-deps', '--only-binary', ':all:', '-r', REQUIREMENTS];
  const steps = [
    [python.program, ['-m', 'venv', folder]],
    [pythonIn(folder), pip],
  ];
  for (const [program, args] of steps) {
    const result = await withElapsedLines('the Python readers', () => run(program, args, { cwd: os.tmpdir(), timeoutMs: TEN_MINUTES }));
    if (result.code === 0) continue;
    fs.rmSync(folder, { recursive: true, force: true });
    say(`the Python readers cannot be installed, so the tests that read exports back with them are skipped. The last words:\n${lastLines(result.output)}`);
    return undefined;
  }
  writeJson(doneFile(folder), { python: python.version });
  say(`the Python readers are ready after ${formatElapsed(Date.now() - started)}`);
  return pythonIn(folder);
}

/**
 * The Python of that environment, or undefined where it cannot be made, with the reason said.
 * @returns {Promise<string | undefined>}
 */
export async function ensureExportReaders() {
  const python = await findPython();
  if (python.problem) {
    say(`${python.problem}, so the tests that read exports back with other people's readers are skipped; to run them ${HINT}`);
    return undefined;
  }
  const folder = readersFolder(fs.readFileSync(REQUIREMENTS, 'utf8'), python);
  if (isDone(folder)) return pythonIn(folder);
  return withLock(lockPath('export-readers'), { label: 'the Python readers' }, () => (isDone(folder) ? pythonIn(folder) : install(python, folder)));
}
