// Python environments under the cache folder, one per name, requirements and interpreter; an interrupted one is made anew.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { formatElapsed, say, withElapsedLines } from './say.mjs';
import { cacheRoot, lockPath, readJson, writeJson } from './cache.mjs';
import { findOnPath, lastLines, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { isAtLeast } from './node-version.mjs';

const MINIMUM_PYTHON = '3.11.0';
const PIP = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries', '2'];
export const PYTHON_HINT = `install Python ${MINIMUM_PYTHON} or newer with its venv module (on Debian the packages python3 and python3-venv)`;

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

/**
 * Where the environment of that name for these requirements and this Python lies.
 * @param {string} name
 * @param {string} requirements texts of the requirement files, and of whatever else decides what is in it
 */
export function environmentFolder(name, requirements, { version, real }) {
  const key = createHash('sha256').update([requirements, version, real, process.platform, process.arch].join('\n')).digest('hex').slice(0, 16);
  return path.join(cacheRoot(), 'python', `${name}-${key}`);
}

export const pythonIn = (folder) => path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
/** Written last, so that an interrupted installation is not taken for a whole one. */
const doneFile = (folder) => path.join(folder, 'installed.json');
const isDone = (folder) => readJson(doneFile(folder)) !== undefined && fs.existsSync(pythonIn(folder));

/** Packages of `base`'s environment can be imported in `folder`'s too, and pip counts them as installed. */
async function layOver(folder, base) {
  const where = async (program) => (await run(program, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], { cwd: os.tmpdir() })).stdout.trim();
  fs.writeFileSync(path.join(await where(pythonIn(folder)), 'base.pth'), `${await where(base)}\n`);
}

async function install({ label, announcement, installs, base, timeoutMs }, python, folder) {
  const started = Date.now();
  fs.rmSync(folder, { recursive: true, force: true });
  say(announcement);
  const step = async (program, args, env) => {
    const result = await withElapsedLines(label, () => run(program, args, { cwd: os.tmpdir(), timeoutMs, ...(env && { env: { ...process.env, ...env } }) }));
    if (result.code === 0) return;
    fs.rmSync(folder, { recursive: true, force: true });
    throw new Error(lastLines(result.output));
  };
  await step(python.program, ['-m', 'venv', folder]);
  if (base !== undefined) await layOver(folder, base);
  for (const { file, args = [], env } of installs) await step(pythonIn(folder), [...PIP, ...args, '-r', file], env);
  writeJson(doneFile(folder), { python: python.version });
  say(`${label}: ready after ${formatElapsed(Date.now() - started)}`);
  return pythonIn(folder);
}

/**
 * The Python of an environment, which is made when it is not there.
 * @param {{ name: string, label: string, announcement: string, timeoutMs: number, base?: string,
 *   installs: { file: string, args?: string[], env?: Record<string, string> }[] }} environment requirement files in order, with further
 *   arguments for pip; `base` is the Python of an environment that this one lies over; `label` is for lines of progress
 * @param {{ program: string, version: string, real: string }} python
 * @throws Error with pip's last lines when it cannot be made.
 */
export async function ensureEnvironment(environment, python) {
  const { name, label, installs, base } = environment;
  const requirements = [...installs.map(({ file }) => fs.readFileSync(file, 'utf8')), ...(base === undefined ? [] : [base])].join('\n');
  const folder = environmentFolder(name, requirements, python);
  if (isDone(folder)) return pythonIn(folder);
  return withLock(lockPath(name), { label }, () => (isDone(folder) ? pythonIn(folder) : install(environment, python, folder)));
}
