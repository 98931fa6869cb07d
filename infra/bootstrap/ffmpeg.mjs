// ffmpeg and ffprobe, version 5 or newer, from this machine.
import fs from 'node:fs';
import path from 'node:path';
import { SetupError, say } from './say.mjs';
import { lockPath, rememberFor } from './cache.mjs';
import { findOnPath, lastLines, run } from './command.mjs';
import { withLock } from './lock.mjs';

const MINIMUM_MAJOR = 5;
/** The libavutil of ffmpeg 5.0: builds from a development branch carry a date or a hash in place of a version. */
const MINIMUM_LIBAVUTIL = 57;

/** The output of `ffmpeg -version` as { version, isSupported }, or undefined when it is not ffmpeg's. */
export function parseFfmpegVersion(output) {
  const version = /^ff(?:mpeg|probe) version (\S+)/m.exec(output)?.[1];
  if (version === undefined) return undefined;
  const major = /^n?(\d+)\.\d/.exec(version)?.[1];
  const libavutil = /^libavutil\s+(\d+)\./m.exec(output)?.[1];
  if (major !== undefined) return { version, isSupported: Number(major) >= MINIMUM_MAJOR };
  return { version, isSupported: libavutil !== undefined && Number(libavutil) >= MINIMUM_LIBAVUTIL };
}

/** How to get ffmpeg on this machine. */
export function installHint(platform = process.platform, hasApt = Boolean(findOnPath('apt-get'))) {
  if (platform === 'darwin') return '`brew install ffmpeg`';
  if (platform === 'win32') return '`winget install Gyan.FFmpeg`';
  return hasApt ? '`sudo apt-get install -y ffmpeg`' : 'your package manager (the package is called ffmpeg)';
}

async function inspect(program) {
  try {
    const { code, stdout } = await run(program, ['-hide_banner', '-version'], { timeoutMs: 20_000 });
    return code === 0 ? (parseFfmpegVersion(stdout) ?? null) : null;
  } catch {
    return null;
  }
}

function locate(name, variable) {
  const given = process.env[variable];
  if (!given) return findOnPath(name);
  const found = given.includes(path.sep) ? path.resolve(given) : findOnPath(given);
  if (!found || !fs.existsSync(found)) throw new SetupError(`${variable} names ${given}, which does not exist. Correct it, or unset it to use the ${name} on PATH.`);
  return found;
}

/** undefined when both programs are there and new enough, else what is wrong. */
async function problem() {
  for (const [name, variable] of [['ffmpeg', 'FFMPEG_PATH'], ['ffprobe', 'FFPROBE_PATH']]) {
    const program = locate(name, variable);
    if (program === undefined) return `${name} was not found on PATH`;
    const answer = await rememberFor(program, inspect);
    if (!answer) return `${program} does not start, or is not ${name}`;
    if (!answer.isSupported) return `${program} is version ${answer.version}`;
  }
  return undefined;
}

/** A ffprobe beside the given ffmpeg belongs to it. */
function adoptNeighbour() {
  const { FFMPEG_PATH, FFPROBE_PATH } = process.env;
  if (!FFMPEG_PATH || FFPROBE_PATH) return;
  const neighbour = path.join(path.dirname(FFMPEG_PATH), process.platform === 'win32' ? 'ffprobe.exe' : 'ffprobe');
  if (FFMPEG_PATH.includes(path.sep) && fs.existsSync(neighbour)) process.env.FFPROBE_PATH = neighbour;
}

const canUseApt = () => process.platform === 'linux' && process.getuid?.() === 0 && process.env.VAMG_NO_APT !== '1' && findOnPath('apt-get') !== undefined;

/** Installs Debian packages as root: with the package lists there are, and with fresh ones when that fails. */
export async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await withLock(lockPath('apt'), { label: 'apt-get' }, async () => {
    say(`installing ${packages.join(' ')} (apt-get, as root)`);
    const args = ['install', '-y', '-q', '--no-install-recommends', ...packages];
    let result = await run('apt-get', args, { env });
    if (result.code !== 0) {
      await run('apt-get', ['update', '-q'], { env });
      result = await run('apt-get', args, { env });
    }
    if (result.code !== 0) throw new SetupError(`apt-get could not install ${packages.join(' ')}. Its last words:\n${lastLines(result.output)}`);
  });
}

export async function ensureFfmpeg() {
  adoptNeighbour();
  let missing = await problem();
  if (missing && !process.env.FFMPEG_PATH && canUseApt()) {
    await aptInstall(['ffmpeg']);
    missing = await problem();
  }
  if (missing) {
    throw new SetupError(`ffmpeg ${MINIMUM_MAJOR} or newer is needed, but ${missing}. Install it with ${installHint()}, or set FFMPEG_PATH to one.`);
  }
}
