import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort } from '../../infra/dev-server/free-port';
import { memoryFolder } from './memory-folder';

const START_MS = 60_000;

/** A Temporal server of its own for tests that kill it; its address and its database stay. */
export class MortalServer {
  private child: ChildProcess | null = null;
  /** It has answered: its address stays. */
  private known = false;
  private readonly folder = memoryFolder('vamg-server-');

  private constructor(
    private port: number,
    private readonly args: readonly string[],
  ) {}

  /** @param args for `temporal server start-dev`, besides address and database */
  static async create(args: readonly string[] = []): Promise<MortalServer> {
    return new MortalServer(await freePort('127.0.0.1'), args);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Start it, or start it again, and wait until it answers. Whoever took the port before the first start keeps it. */
  async start(): Promise<void> {
    for (let tries = 3; !this.known; tries--) {
      try {
        await this.startOnce();
        this.known = true;
        return;
      } catch (error) {
        if (tries === 1 || this.child?.exitCode === null) throw error;
        this.port = await freePort('127.0.0.1');
      }
    }
    await this.startOnce();
  }

  private async startOnce(): Promise<void> {
    const files = ['--db-filename', path.join(this.folder, 'temporal.db'), '--log-level', 'error'];
    const child = spawn(process.env['TEMPORAL_CLI_PATH'] ?? 'temporal', ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(this.port), ...files, ...this.args], { stdio: 'ignore' });
    this.child = child;
    for (const end = Date.now() + START_MS; !(await this.answers()); await sleep(100)) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`the Temporal server did not start (exit code ${child.exitCode})`);
    }
  }

  /** SIGKILL; nothing is written any more. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    const connection = await Connection.connect({ address: this.address, connectTimeout: '2s' }).catch(() => null);
    const found = (await connection?.workflowService.describeNamespace({ namespace: 'default' }).then(() => true, () => false)) ?? false;
    await connection?.close();
    return found;
  }
}
