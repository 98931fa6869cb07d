import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listProcesses, processesWithEnvironment, type ProcessInfo } from '../../bench/process-tree';

const MAIN = join(__dirname, '../../dist/cli/main.js');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** What was written to stderr so far. */
  stderr(): string;
}

/** A home of its own for the command under test: state folder, working folder, and the processes that belong to it. */
export class VamgHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'vamg-e2e-'));
  private readonly variable = `VAMG_HOME=${join(this.folder, '.vamg')}`;

  path(name: string): string {
    return join(this.folder, name);
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: { ...process.env, VAMG_HOME: this.path('.vamg'), INIT_CWD: this.folder, TEMPORAL_ADDRESS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const finished = new Promise<Finished>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
    return { child, finished, stderr: () => stderr };
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return this.start(args, env).finished;
  }

  /** Everything that commands of this home started and that still lives. */
  processes(): ProcessInfo[] {
    return processesWithEnvironment(this.variable);
  }

  /** The first process of this home whose command line holds the text; waits for it. */
  async processNamed(text: string, timeoutMs = 60_000): Promise<ProcessInfo> {
    return waitFor(`a process with ${text}`, () => this.processes().find((one) => one.command.includes(text)), timeoutMs);
  }

  /** Wait until nothing of this home runs any more. */
  async quiet(timeoutMs = 30_000): Promise<void> {
    await waitFor('all processes to end', () => (this.processes().length === 0 ? true : undefined), timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; still there: ${this.processes().map((one) => one.command).join(' | ')}`);
    });
  }

  dispose(): void {
    for (const one of this.processes()) kill(one.pid);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (!listProcesses().some((one) => one.pid === pid)) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It ended just now.
  }
}

/** Poll until `probe` gives a value. Throws after the time is up. */
export async function waitFor<T>(what: string, probe: () => T | undefined, timeoutMs: number): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = probe();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
