import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

export const DIST = path.join(__dirname, '../../../dist');

/** A worker of the product whose networks are a stand-in. */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  private output = '';

  private constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [path.join(DIST, 'bench/simulation/worker.js'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.ended = new Promise((resolve) => this.child.once('close', (code, signal) => resolve({ code, signal })));
  }

  /** Start one and wait until it polls. @throws Error when it ends instead */
  static async start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<WorkerProcess> {
    const worker = new WorkerProcess(args, env);
    await new Promise<void>((resolve, reject) => {
      worker.child.stdout?.on('data', () => void (/^ready$/m.test(worker.output) && resolve()));
      void worker.ended.then(({ code }) => reject(new Error(`the worker ended (exit code ${code}): ${worker.output.slice(-2000)}`)));
    });
    return worker;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Everything it has said. */
  log(): string {
    return this.output;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** SIGKILL, of the worker alone: its children see that it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** SIGTERM, and its exit code. */
  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return (await this.ended).code;
  }
}
