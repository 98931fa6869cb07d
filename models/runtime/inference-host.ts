import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isFailureName, VamgError } from '../../contracts/errors';
import type { InferenceHandlers, InferenceHost, InferenceJob, InferenceResult } from '../../contracts/inference';
import { SETTINGS_VARIABLE, type HostMessage, type InferenceProcessSettings, type ProcessMessage } from './inference-protocol';

export interface InferenceHostOptions extends Partial<InferenceProcessSettings> {
  /** JavaScript file of the inference process. */
  readonly entry: string;
  /** Longest wait for a new process to say it is ready. */
  readonly startTimeoutMs?: number;
  /** How long a cancelled job may take to stop before its process is killed. */
  readonly cancelGraceMs?: number;
  /** A job that says nothing for this long is hung: its process is killed and the job fails (retryable). */
  readonly stallTimeoutMs?: number;
  /** Besides the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told what the process says before its first job; later the handlers of its last job are. */
  readonly log?: Log;
}

type Log = (level: 'info' | 'warn', message: string) => void;

const MAX_LOG_CHARACTERS = 4000;

/** State of the one job that runs. */
interface Running {
  readonly child: ChildProcess;
  readonly id: number;
  readonly handlers: InferenceHandlers;
  readonly resolve: (result: InferenceResult) => void;
  readonly reject: (error: unknown) => void;
  stallTimer?: NodeJS.Timeout;
}

/**
 * Create the client of the inference process. Nothing is started until the first job. The process is a child rather than a
 * thread, because a thread cannot be ended while a network runs without aborting the whole process.
 */
export function createInferenceHost(options: InferenceHostOptions): InferenceHost {
  return new ChildProcessInferenceHost(options);
}

class ChildProcessInferenceHost implements InferenceHost {
  #child: ChildProcess | null = null;
  #starting: Promise<ChildProcess> | null = null;
  #running: Running | null = null;
  #nextId = 1;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Whom to tell what a process says: it may say its last words when its job has failed already. */
  readonly #logs = new WeakMap<ChildProcess, Log>();

  constructor(private readonly options: InferenceHostOptions) {}

  runJob(job: InferenceJob, handlers: InferenceHandlers, signal: AbortSignal): Promise<InferenceResult> {
    const result = this.#queue.then(() => this.#runNow(job, handlers, signal));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
    await exited;
    clearTimeout(timer);
  }

  /** Process id while a process lives, for tests and for memory figures. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async #runNow(job: InferenceJob, handlers: InferenceHandlers, signal: AbortSignal): Promise<InferenceResult> {
    signal.throwIfAborted();
    const child = await this.#process();
    signal.throwIfAborted();
    const id = this.#nextId++;
    let killTimer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      this.#send({ type: 'cancel', id });
      killTimer = setTimeout(() => this.#kill(child), this.options.cancelGraceMs ?? 20_000);
    };
    try {
      return await new Promise<InferenceResult>((resolve, reject) => {
        const running: Running = { child, id, handlers, resolve, reject };
        this.#running = running;
        if (handlers.onLog !== undefined) this.#logs.set(child, handlers.onLog.bind(handlers));
        this.#armStallTimer(running);
        signal.addEventListener('abort', onAbort, { once: true });
        this.#send({ type: 'run', id, job });
      });
    } catch (error) {
      throw signal.aborted ? (signal.reason ?? error) : error;
    } finally {
      clearTimeout(killTimer);
      clearTimeout(this.#running?.stallTimer);
      signal.removeEventListener('abort', onAbort);
      this.#running = null;
    }
  }

  #process(): Promise<ChildProcess> {
    if (this.#closed) return Promise.reject(new VamgError('InferenceFailed', 'The inference process was closed.'));
    if (this.#child?.connected === true) return Promise.resolve(this.#child);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  #start(): Promise<ChildProcess> {
    const settings: InferenceProcessSettings = { threads: this.options.threads ?? null, memoryLimitBytes: this.options.memoryLimitBytes ?? null };
    const child = fork(this.options.entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...this.options.env, [SETTINGS_VARIABLE]: JSON.stringify(settings) },
    });
    this.#child = child;
    // Native libraries write there past all logging.
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#log(child, 'warn', line));
    return new Promise<ChildProcess>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new VamgError('InferenceFailed', 'The inference process did not start in time; the machine may be overloaded. It is tried again.'));
      }, this.options.startTimeoutMs ?? 60_000);
      child.on('message', (message: ProcessMessage) => {
        if (message.type !== 'ready') return this.#receive(child, message);
        clearTimeout(timer);
        resolve(child);
      });
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(new VamgError('InferenceFailed', 'The inference process could not be started.', { cause: error }));
      });
      child.once('exit', (code, exitSignal) => {
        clearTimeout(timer);
        if (this.#child === child) this.#child = null;
        const error = new VamgError('InferenceFailed', `The inference process ended unexpectedly (${exitSignal ?? `exit code ${code}`}); the chunk goes on from its last checkpoint.`);
        reject(error);
        if (this.#running?.child === child) this.#running.reject(error);
      });
    });
  }

  #receive(child: ChildProcess, message: Exclude<ProcessMessage, { type: 'ready' }>): void {
    if (message.type === 'log') return this.#log(child, message.level, message.message);
    const running = this.#running;
    if (running === null || running.child !== child || running.id !== message.id) return;
    this.#armStallTimer(running);
    switch (message.type) {
      case 'lines':
        running.handlers.onLines(message.lines, message.checkpoint, message.done).then(
          () => this.#send({ type: 'stored', id: message.id, seq: message.seq }),
          (error: unknown) => {
            running.reject(error);
            this.#kill(child);
          },
        );
        return;
      case 'progress':
        running.handlers.onProgress(message.progress);
        return this.#checkMemory(child, running, message.rssBytes);
      case 'done':
        return running.resolve({ trailer: message.trailer, inferenceMs: message.inferenceMs });
      case 'failed':
        return running.reject(new VamgError(isFailureName(message.failure) ? message.failure : 'Internal', message.message));
      case 'aborted':
        return running.reject(new VamgError('Cancelled', 'The inference job was cancelled.'));
    }
  }

  #log(child: ChildProcess, level: 'info' | 'warn', text: string): void {
    if (text.trim() !== '') (this.#logs.get(child) ?? this.options.log)?.(level, text.slice(0, MAX_LOG_CHARACTERS));
  }

  #checkMemory(child: ChildProcess, running: Running, rssBytes: number): void {
    const limit = this.options.memoryLimitBytes ?? null;
    if (limit === null || rssBytes <= limit) return;
    const mb = (bytes: number): number => Math.round(bytes / 1048576);
    running.reject(new VamgError('ResourceExhausted', `The inference process grew to ${mb(rssBytes)} MB, over its limit of ${mb(limit)} MB; use a smaller preset, --points-per-batch or --max-objects.`));
    this.#kill(child);
  }

  #armStallTimer(running: Running): void {
    clearTimeout(running.stallTimer);
    const limit = this.options.stallTimeoutMs ?? 300_000;
    running.stallTimer = setTimeout(() => {
      running.reject(new VamgError('InferenceFailed', `The inference process did not advance for ${Math.round(limit / 1000)} seconds and was ended; the chunk goes on from its last checkpoint.`));
      this.#kill(running.child);
    }, limit);
  }

  /** End a process at once and forget it, so that the next job gets a fresh one. */
  #kill(child: ChildProcess): void {
    if (this.#child === child) this.#child = null;
    child.kill('SIGKILL');
  }

  #send(message: HostMessage): void {
    const child = this.#child;
    if (child?.connected === true) child.send(message, () => undefined);
  }
}
