import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_S3_LIMITS, type S3CallLimits } from '../../adapters/store/s3-retry';
import { s3SettingsFromEnv } from '../../adapters/store/s3-settings';
import { S3Store } from '../../adapters/store/s3-store';
import { freePort } from '../../infra/dev-server/free-port';
import { memoryFolder } from './memory-folder';

const BINARY = process.env['VERSITYGW_PATH'] ?? '';

/** Tests against a real S3 server; left out where there is none. */
export const describeWithS3 = existsSync(BINARY) ? describe : describe.skip;

/** versitygw with a bucket, its objects in a folder of its own. */
export class S3Server {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
    readonly bucket: string,
  ) {}

  static async start(bucket = 'vamg-test'): Promise<S3Server> {
    const folder = memoryFolder('vamg-s3-');
    for (const name of ['data', 'meta', 'ver']) mkdirSync(path.join(folder, name));
    const port = await freePort('127.0.0.1');
    const args = ['--port', `127.0.0.1:${port}`, '--access', 'probe', '--secret', 'probesecret123', '--quiet', 'posix', '--sidecar', path.join(folder, 'meta'), '--versioning-dir', path.join(folder, 'ver'), path.join(folder, 'data')];
    const server = new S3Server(spawn(BINARY, args, { stdio: 'ignore' }), folder, port, bucket);
    await server.open('', { ...DEFAULT_S3_LIMITS, attempts: 8 }).ensureBucket();
    return server;
  }

  /** Environment of clients. @param port of a proxy before it */
  env(port = this.port): Record<string, string> {
    return { VAMG_S3_ENDPOINT: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'probe', AWS_SECRET_ACCESS_KEY: 'probesecret123', AWS_REGION: 'us-east-1' };
  }

  /** @param prefix empty, or ending in a slash */
  open(prefix = '', limits: S3CallLimits = DEFAULT_S3_LIMITS, port = this.port): S3Store {
    return new S3Store(s3SettingsFromEnv(this.env(port)), this.bucket, prefix, limits);
  }

  /** Where the bytes of an object lie. */
  file(key: string): string {
    return path.join(this.folder, 'data', this.bucket, key);
  }

  async dispose(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
