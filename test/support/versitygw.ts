import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { S3Store } from '../../adapters/store/s3-store';
import { DEFAULT_S3_LIMITS } from '../../adapters/store/s3-retry';
import { s3SettingsFromEnv } from '../../adapters/store/s3-settings';
import { freePort } from '../../infra/dev-server/free-port';

const binary = process.env['VERSITYGW_PATH'] ?? '';

/** `describe`, or `describe.skip` without VERSITYGW_PATH, which `npm test` sets. */
export const describeWithS3 = existsSync(binary) ? describe : describe.skip;

/** A real S3 server (versitygw) on this machine, with its data in a folder of its own. */
export interface S3Server {
  readonly port: number;
  /** For `s3SettingsFromEnv`, and for commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the server keeps buckets (as folders), metadata and old versions. */
  readonly folder: string;
  /** End the server and remove its data. */
  stop(): Promise<void>;
}

/** Start a server that has these buckets. */
export async function startS3Server(buckets: readonly string[], secretKey = 'probesecret123'): Promise<S3Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vamg-s3-'));
  for (const name of ['data', 'meta', 'ver']) mkdirSync(path.join(folder, name));
  const port = await freePort('127.0.0.1');
  const args = ['--port', `127.0.0.1:${port}`, '--access', 'probe', '--secret', secretKey, '--quiet', 'posix', '--sidecar', path.join(folder, 'meta'), '--versioning-dir', path.join(folder, 'ver'), path.join(folder, 'data')];
  const server = spawn(binary, args, { stdio: 'ignore' });
  const gone = new Promise((resolve) => server.once('exit', resolve));
  const env = { VAMG_S3_ENDPOINT: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'probe', AWS_SECRET_ACCESS_KEY: secretKey };
  for (const bucket of buckets) await new S3Store(s3SettingsFromEnv(env), bucket, '', { ...DEFAULT_S3_LIMITS, attempts: 8 }).ensureBucket();
  return {
    port,
    env,
    folder,
    stop: async () => {
      server.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
