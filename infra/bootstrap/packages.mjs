// The npm packages, exactly as package-lock.json says. Nothing happens when they are there.
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { LOCAL, ROOT, fromRoot } from './paths.mjs';
import { SetupError, formatElapsed, say, withElapsedLines } from './say.mjs';
import { readJson, writeJson } from './cache.mjs';
import { findOnPath, lastLines, run } from './command.mjs';
import { withLock } from './lock.mjs';

const STAMP = fromRoot('node_modules/.vamg-packages.json');
/** npm writes this last, so it exists only after a complete installation. */
const INSTALLED = fromRoot('node_modules/.package-lock.json');
const hashOf = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

/** What an installation depends on: the lock file, and for binary packages the platform. */
const wantedStamp = () => `${hashOf(fromRoot('package-lock.json'))} ${process.platform}-${process.arch}${process.env.VAMG_CUDA === '1' ? ' cuda' : ''}`;

/**
 * True if every package of `wanted` is in `installed` with the same version and checksum. Optional packages may be
 * absent: they are the builds for other platforms. Those that package.json names itself are not.
 */
export function isSameTree(wanted, installed) {
  const have = installed?.packages ?? {};
  const ours = new Set(Object.keys(wanted?.packages?.['']?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`));
  return Object.entries(wanted?.packages ?? {}).every(([where, entry]) => {
    if (where === '') return true;
    const found = have[where];
    if (found === undefined) return (entry.optional === true && !ours.has(where)) || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Also true for packages that somebody installed by hand, with npm. */
function isInstalled() {
  const installed = readJson(INSTALLED);
  return installed !== undefined && isSameTree(readJson(fromRoot('package-lock.json')), installed);
}

/** npm as this process was started by it, else the one on PATH. */
export function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script) && fs.existsSync(script)) return { program: process.execPath, prefix: [script] };
  const npm = findOnPath('npm');
  if (!npm) throw new SetupError('npm was not found. It comes with Node.js: install Node.js 20.9 or newer with npm, and run the same command again.');
  return process.platform === 'win32' ? { program: 'npm', prefix: [], shell: true } : { program: npm, prefix: [] };
}

/** npm says what is wrong first and explains its options afterwards. */
function npmWords(output) {
  const lines = output.split('\n').filter((line) => /^npm error\s+\S/.test(line) && !/complete log|npm help/.test(line));
  return lines.length > 0 ? lines.slice(0, 8).map((line) => `  ${line}`).join('\n') : lastLines(output);
}

async function install(onStart) {
  const { program, prefix, shell } = npmCommand();
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' };
  const args = [...prefix, 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = await run(program, args, { cwd: ROOT, env, shell, onStart });
  if (result.code !== 0) {
    throw new SetupError(`the packages could not be installed: \`npm ci\` ended with exit code ${result.code}. Is the package registry reachable from here? It said:\n${npmWords(result.output)}`);
  }
}

/** The CUDA libraries of onnxruntime-node come from its own installer, which is run only on request. */
async function installCuda() {
  say('fetching the CUDA libraries of onnxruntime-node (VAMG_CUDA=1)');
  const folder = fromRoot('node_modules/onnxruntime-node');
  // Said outright: left to itself the installer does nothing under `npm start`, whose variables look to it like npm's in its own folder.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'true' };
  const result = await run(process.execPath, [path.join(folder, 'script/install.js')], { cwd: folder, env });
  if (result.code !== 0) {
    throw new SetupError(`the CUDA libraries of onnxruntime-node could not be fetched. Unset VAMG_CUDA to go on with the CPU only. Its last words:\n${lastLines(result.output)}`);
  }
}

/** Makes node_modules match package-lock.json. Safe to run many times at once. */
export async function ensurePackages() {
  const wanted = wantedStamp();
  if (readJson(STAMP)?.stamp === wanted) return;
  await withLock(path.join(LOCAL, 'packages.lock'), { label: 'the packages' }, async (alsoHeldBy) => {
    if (readJson(STAMP)?.stamp === wanted) return;
    if (!isInstalled() || process.env.VAMG_CUDA === '1') {
      const started = Date.now();
      say('installing the packages of package-lock.json (npm ci, about a minute)');
      fs.rmSync(STAMP, { force: true });
      await withElapsedLines('npm ci', () => install(alsoHeldBy));
      if (!isInstalled()) throw new SetupError('`npm ci` ended well, but node_modules does not match package-lock.json. Is another npm at work in this folder? Run the same command again.');
      if (process.env.VAMG_CUDA === '1') await installCuda();
      say(`packages installed in ${formatElapsed(Date.now() - started)}`);
    }
    writeJson(STAMP, { stamp: wanted });
  });
}
