import { fork, type ChildProcess } from 'node:child_process';
import { VamgError } from '../contracts/errors';
import type { EmbeddedMessage, EmbeddedStart } from './embedded-protocol';

export interface EmbeddedWorkers {
  readonly pid: number;
  /** Resolves when the process has ended; with a failure when it ended by itself. */
  readonly ended: Promise<VamgError | null>;
  /** Let running activities store a checkpoint, then end. */
  stop(): Promise<void>;
}

export interface StartEmbeddedOptions extends EmbeddedStart {
  /** JavaScript file of the process, dist/workers/embedded-process.js. */
  readonly entry: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly startTimeoutMs?: number;
}

/** Start workers in a child process that ends with us, and wait until they poll. @throws VamgError what the child says */
export async function startEmbeddedWorkers(options: StartEmbeddedOptions): Promise<EmbeddedWorkers> {
  const { entry, env, startTimeoutMs = 60_000, ...start } = options;
  const child = fork(entry, [], { env: env ?? process.env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [], detached: process.platform !== 'win32' });
  let failure: VamgError | null = null;
  let isStopping = false;
  const ended = new Promise<VamgError | null>((resolve) => {
    child.once('exit', (code, signal) => {
      if (!isStopping) failure ??= new VamgError('Internal', `The workers ended unexpectedly (${signal ?? code}); start the same command again to go on.`);
      resolve(failure);
    });
  });
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message: EmbeddedMessage) => {
      if (message.type === 'ready') resolve();
      else failure = new VamgError(message.failure, message.message);
    });
  });
  child.send(start);
  await withTimeout(Promise.race([ready, ended.then((error) => Promise.reject(error ?? new VamgError('Internal', 'The workers ended before they were ready.')))]), startTimeoutMs, child);
  return {
    pid: child.pid ?? -1,
    ended,
    stop: async () => {
      isStopping = true;
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

async function withTimeout(work: Promise<void>, ms: number, child: ChildProcess): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new VamgError('SetupMissing', `The workers were not ready after ${Math.round(ms / 1000)} s; see their log.`));
    }, ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
