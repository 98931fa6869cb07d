import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { VamgError } from '../../contracts/errors';

const run = promisify(execFile);
const MINIMUM = [1, 29] as const;
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

export interface TemporalProgram {
  readonly path: string;
  /** Version of the server in it. */
  readonly serverVersion: string;
}

/**
 * A `temporal` program with a server that is new enough: TEMPORAL_CLI_PATH, PATH, .vamg/bin, the cache that `npm start` fills.
 * @throws VamgError SetupMissing
 */
export async function findTemporal(root: string, env: NodeJS.ProcessEnv = process.env): Promise<TemporalProgram> {
  const given = env['TEMPORAL_CLI_PATH'];
  for (const candidate of given === undefined || given === '' ? candidates(root, env) : [given]) {
    const serverVersion = await serverVersionOf(candidate);
    if (serverVersion !== null && isNewEnough(serverVersion)) return { path: candidate, serverVersion };
  }
  const what = given ? 'TEMPORAL_CLI_PATH does not name a Temporal CLI that starts' : 'No Temporal server was found on this machine';
  throw new VamgError('SetupMissing', `${what} (Server ${MINIMUM.join('.')} or newer); \`npm start -- doctor\` says what is missing, \`npm start -- demo\` in the clone fetches it, or set TEMPORAL_ADDRESS to a server that runs.`);
}

function candidates(root: string, env: NodeJS.ProcessEnv): string[] {
  const onPath = (env['PATH'] ?? '').split(path.delimiter).filter(Boolean).map((folder) => path.join(folder, PROGRAM));
  const cache = path.join(env['VAMG_CACHE'] ?? path.join(env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'video-amg'), 'bin');
  const cached = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('temporal-') && !name.endsWith('.json')).sort().reverse() : [];
  return [...onPath, path.join(root, '.vamg', 'bin', PROGRAM), ...cached.map((name) => path.join(cache, name))].filter(existsSync);
}

async function serverVersionOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 30_000 });
    return /\(Server v?(\d+\.\d+\.\d+[^,)\s]*)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}
