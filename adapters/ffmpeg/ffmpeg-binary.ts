import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { VamgError } from '../../contracts/errors';

const run = promisify(execFile);
const MINIMUM_MAJOR = 5;
/** libavutil of ffmpeg 5.0; development builds carry a date or a hash in place of a version number. */
const MINIMUM_LIBAVUTIL = 57;

export interface FfmpegBinaries {
  /** What to spawn: a path, or a name to be found on PATH. */
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** First word after "version", for example "5.1.9-0+deb12u1". */
  readonly version: string;
}

const found = new Map<string, Promise<FfmpegBinaries>>();

/**
 * Find ffmpeg and ffprobe: FFMPEG_PATH and FFPROBE_PATH, else PATH. Looked up once per process and pair of names.
 * @throws VamgError SetupMissing when one of them is absent, does not start or is older than 5.0.
 */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): Promise<FfmpegBinaries> {
  const ffmpeg = env['FFMPEG_PATH'] || 'ffmpeg';
  const ffprobe = env['FFPROBE_PATH'] || 'ffprobe';
  const key = JSON.stringify([ffmpeg, ffprobe, env['PATH']]);
  let pending = found.get(key);
  if (pending === undefined) {
    pending = check(ffmpeg, ffprobe, env);
    found.set(key, pending);
    pending.catch(() => found.delete(key));
  }
  return pending;
}

async function check(ffmpeg: string, ffprobe: string, env: NodeJS.ProcessEnv): Promise<FfmpegBinaries> {
  const version = await checkOne('ffmpeg', ffmpeg, 'FFMPEG_PATH', env);
  await checkOne('ffprobe', ffprobe, 'FFPROBE_PATH', env);
  return { ffmpeg, ffprobe, version };
}

async function checkOne(name: string, command: string, variable: string, env: NodeJS.ProcessEnv): Promise<string> {
  const hint = `Install ffmpeg ${MINIMUM_MAJOR} or newer (for example \`apt-get install ffmpeg\` or \`brew install ffmpeg\`), or set ${variable} to it.`;
  let output: string;
  try {
    output = (await run(command, ['-version'], { timeout: 20_000, env, windowsHide: true })).stdout;
  } catch (cause) {
    const isOverride = Boolean(env[variable]);
    throw new VamgError('SetupMissing', `${name} ${isOverride ? `named by ${variable}` : 'on PATH'} was not found or does not start. ${hint}`, { cause });
  }
  const parsed = parseVersion(output);
  if (parsed === null) throw new VamgError('SetupMissing', `What ${variable} or PATH gives as ${name} does not answer \`-version\` like ${name}. ${hint}`);
  if (!parsed.isSupported) throw new VamgError('SetupMissing', `${name} ${parsed.version} is too old: version ${MINIMUM_MAJOR}.0 is needed. ${hint}`);
  return parsed.version;
}

/** Read the output of `ffmpeg -version`; null when it is not ffmpeg's. */
export function parseVersion(output: string): { version: string; isSupported: boolean } | null {
  const version = /^ff(?:mpeg|probe) version (\S+)/m.exec(output)?.[1];
  if (version === undefined) return null;
  const release = /^n?(\d{1,2})\.\d+/.exec(version);
  if (release !== null) return { version, isSupported: Number(release[1]) >= MINIMUM_MAJOR };
  const libavutil = /^libavutil\s+(\d+)\./m.exec(output)?.[1];
  return { version, isSupported: libavutil !== undefined && Number(libavutil) >= MINIMUM_LIBAVUTIL };
}
