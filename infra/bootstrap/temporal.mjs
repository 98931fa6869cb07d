// A Temporal server for one machine: the `temporal` program, from wherever it can be had.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LOCAL } from './paths.mjs';
import { SetupError, say } from './say.mjs';
import { binaryPath, checkBinary, lockPath, rememberFor, storeBinary } from './cache.mjs';
import { findOnPath, run } from './command.mjs';
import { download } from './download.mjs';
import { findGo, goCommand, goInstall } from './go-install.mjs';
import { isAtLeast } from './node-version.mjs';
import { withLock } from './lock.mjs';
import { TEMPORAL } from './versions.mjs';

const executable = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** The server's version from `temporal --version`; programs built by Go call themselves 0.0.0-DEV, so only that part counts. */
export function parseServerVersion(output) {
  return /\(Server v?(\d+\.\d+\.\d+[^,)\s]*)/.exec(output)?.[1];
}

export const isServerSupported = (version) => version !== undefined && isAtLeast(version, TEMPORAL.minimumServer);

async function serverVersion(program) {
  try {
    const { code, output } = await run(program, ['--version'], { timeoutMs: 30_000 });
    return code === 0 ? parseServerVersion(output) : undefined;
  } catch {
    return undefined;
  }
}

const versionOf = (program) => rememberFor(program, serverVersion);

/** A server that somebody else runs: nothing has to be here. */
export function usesOutsideServer(env = process.env) {
  return Boolean(env.TEMPORAL_ADDRESS || env.TEMPORAL_PROFILE || env.TEMPORAL_CONFIG_FILE);
}

async function fromEnvironment() {
  const given = process.env.TEMPORAL_CLI_PATH;
  if (!given) return undefined;
  const program = given.includes(path.sep) ? path.resolve(given) : findOnPath(given);
  const version = program && fs.existsSync(program) ? await versionOf(program) : undefined;
  if (isServerSupported(version)) return program;
  const found = version === undefined ? 'is not a Temporal CLI that starts' : `has Server ${version}`;
  throw new SetupError(`TEMPORAL_CLI_PATH names ${given}, which ${found}; Server ${TEMPORAL.minimumServer} or newer is needed. Correct it, or unset it to let the set-up find one.`);
}

async function fromPath() {
  const program = findOnPath('temporal');
  if (program === undefined) return undefined;
  const version = await versionOf(program);
  if (isServerSupported(version)) return program;
  say(`${program} has Server ${version ?? 'of unknown version'}; ${TEMPORAL.minimumServer} or newer is needed, so it is not used`);
  return undefined;
}

async function fromCheckout() {
  const program = path.join(LOCAL, 'bin', executable);
  return fs.existsSync(program) && isServerSupported(await versionOf(program)) ? program : undefined;
}

async function fromCache() {
  const program = binaryPath(TEMPORAL.name, TEMPORAL.version);
  return checkBinary(program) === 'good' && isServerSupported(await versionOf(program)) ? program : undefined;
}

const ARCHIVE_PLATFORM = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
const ARCHIVE_ARCH = { x64: 'amd64', arm64: 'arm64' }[process.arch];

/** Temporal's own archive of the pinned version. Offline this fails at once, and Go is tried next. */
async function fromArchive() {
  if (!ARCHIVE_PLATFORM || !ARCHIVE_ARCH) return undefined;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vamg-temporal-'));
  try {
    const archive = path.join(folder, 'archive');
    say(`downloading Temporal CLI ${TEMPORAL.version} from temporal.download`);
    await download(`https://temporal.download/cli/archive/v${TEMPORAL.version}?platform=${ARCHIVE_PLATFORM}&arch=${ARCHIVE_ARCH}`, archive, { maxBytes: 400 << 20 });
    // Windows gets a zip; its tar reads both.
    const unpacked = await run('tar', ['-xf', archive, '-C', folder, executable]);
    const program = path.join(folder, executable);
    if (unpacked.code !== 0 || !isServerSupported(await serverVersion(program))) throw new Error('the archive does not hold a Temporal CLI that starts');
    const target = binaryPath(TEMPORAL.name, TEMPORAL.version);
    storeBinary(program, target, { from: 'temporal.download' });
    return target;
  } catch (error) {
    say(`that download is not to be had here (${error.message})`);
    return undefined;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function fromGo() {
  const go = await findGo(TEMPORAL);
  return go && goInstall(TEMPORAL, go);
}

function noServer() {
  const install = process.platform === 'darwin' ? '`brew install temporal`' : process.platform === 'win32' ? '`winget install Temporal.TemporalCLI`' : 'the archive from https://temporal.download';
  return new SetupError(
    `no Temporal server could be found or fetched. One of these helps: (1) install the Temporal CLI (${install}), so that \`temporal\` is on PATH, or name it in TEMPORAL_CLI_PATH; ` +
      `(2) install Go ${TEMPORAL.minimumGo} or newer and run this command again, which then builds it (\`${goCommand(TEMPORAL)}\`); ` +
      '(3) set TEMPORAL_ADDRESS to a Temporal server that is running, for example 127.0.0.1:7233.',
  );
}

/**
 * The path of a `temporal` program with a server that is new enough; fetches or builds one when there is none.
 * @returns {Promise<string>}
 */
export async function ensureTemporal() {
  const ready = (await fromEnvironment()) ?? (await fromPath()) ?? (await fromCheckout()) ?? (await fromCache());
  if (ready) return ready;
  return withLock(lockPath('temporal'), { label: 'the Temporal server' }, async () => {
    const cached = await fromCache();
    if (cached) return cached;
    const target = binaryPath(TEMPORAL.name, TEMPORAL.version);
    if (fs.existsSync(target)) say(`${target} is damaged and is fetched again`);
    const program = (await fromArchive()) ?? (await fromGo());
    if (!program) throw noServer();
    return program;
  });
}
