import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { S3Store } from '../../adapters/store/s3-store';
import { s3SettingsFromEnv } from '../../adapters/store/s3-settings';
import { DEFAULT_S3_LIMITS } from '../../adapters/store/s3-retry';
import { freePort } from '../../infra/dev-server/free-port';

const BUCKET = 'vamg-scale';
/** Of a server that only this machine reaches, for as long as the run. */
const [ACCESS, SECRET] = ['scale', 'scale-secret-123'];

export interface S3Gateway {
  readonly child: ChildProcess;
  /** The variables that make its bucket the store. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** An S3 server of its own over a folder, with an empty bucket. @param binary the versitygw program */
export async function startS3Gateway(binary: string, folder: string): Promise<S3Gateway> {
  for (const name of ['data', 'meta']) mkdirSync(path.join(folder, name), { recursive: true });
  const port = await freePort('127.0.0.1');
  const args = ['--port', `127.0.0.1:${port}`, '--access', ACCESS, '--secret', SECRET, '--quiet', 'posix', '--sidecar', path.join(folder, 'meta'), path.join(folder, 'data')];
  const child = spawn(binary, args, { stdio: 'ignore' });
  const env = { VAMG_STORE: `s3://${BUCKET}`, VAMG_S3_ENDPOINT: `http://127.0.0.1:${port}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: ACCESS, AWS_SECRET_ACCESS_KEY: SECRET };
  await new S3Store(s3SettingsFromEnv(env), BUCKET, '', { ...DEFAULT_S3_LIMITS, attempts: 8 }).ensureBucket();
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  return { child, env, stop };
}
