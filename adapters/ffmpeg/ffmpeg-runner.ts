import { spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import Ffmpeg from 'fluent-ffmpeg';
import { findFfmpeg } from './ffmpeg-binary';
import { registerProcess } from './process-registry';
import { scrubPaths } from './scrub-paths';

/** Where ffmpeg and ffprobe processes are started, watched and ended; nothing else spawns one, and only here is fluent-ffmpeg used. */

const TAIL_LINES = 20;
export const DEFAULT_IDLE_MS = 120_000;
export const DEFAULT_WALL_MS = 24 * 3600_000;

export interface FfmpegInput {
  /** Flags before `-i`. */
  readonly flags: readonly string[];
  /** A `file:` address, or bytes for ffmpeg's standard input (at most one input of a command). */
  readonly source: string | Readable;
}

export interface FfmpegCommand {
  readonly inputs: readonly FfmpegInput[];
  /** Flags before the output. */
  readonly outputFlags: readonly string[];
  /** A `file:` address (overwritten), or `stdout` to read the bytes from `FfmpegJob.stdout`. */
  readonly output: string;
}

export interface FfmpegRunOptions {
  readonly signal?: AbortSignal;
  /** Longest time from start to end, in milliseconds. */
  readonly wallMs?: number;
  /** Longest time without progress while the caller waits for it (see `FfmpegJob.watch`), in milliseconds. */
  readonly idleMs?: number;
  /** Sees each line of stderr; return true to keep it out of the tail and of the error count. */
  readonly onStderrLine?: (line: string) => boolean;
}

export const FFMPEG_ENDINGS = ['failed', 'idle', 'wall', 'aborted'] as const;
export type FfmpegEnding = (typeof FFMPEG_ENDINGS)[number];

/** ffmpeg or ffprobe ended badly. Adapters turn it into a VamgError; `tail` has no host paths in it. */
export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';
  constructor(
    readonly ending: FfmpegEnding,
    /** Last lines of stderr. */
    readonly tail: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

export interface FfmpegJob {
  /** Bytes of `stdout` outputs; empty for file outputs. Reading slowly holds ffmpeg back. */
  readonly stdout: Readable;
  /** Resolves when ffmpeg has ended well or was stopped by `stop`; rejects with FfmpegError, or the signal's reason. */
  readonly done: Promise<void>;
  /** Lines of stderr that were not claimed by `onStderrLine`. */
  readonly errorCount: () => number;
  readonly tail: () => readonly string[];
  /** Wait for something that only ffmpeg can bring about; ffmpeg is killed when it takes longer than `idleMs`. */
  readonly watch: <T>(promise: Promise<T>) => Promise<T>;
  /** Kill ffmpeg if it still runs and wait until it is gone. Never rejects. */
  readonly stop: () => Promise<void>;
}

/** The command line as it could be pasted into a shell, without host paths, for logs. */
export function describeCommand(command: FfmpegCommand): string {
  const args = command.inputs.flatMap((input) => [...input.flags, '-i', typeof input.source === 'string' ? input.source : 'pipe:0']);
  return scrubPaths(['ffmpeg', ...args, ...command.outputFlags, command.output].map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`)).join(' '));
}

/** Start ffmpeg. @throws VamgError SetupMissing without a usable ffmpeg; the signal's reason when it has fired already. */
export async function startFfmpeg(command: FfmpegCommand, options: FfmpegRunOptions = {}): Promise<FfmpegJob> {
  const binaries = await findFfmpeg();
  options.signal?.throwIfAborted();
  const paths = knownPaths(command);
  const tail: string[] = [];
  let errors = 0;
  // fluent-ffmpeg takes "close" of the target for a broken pipe and fails runs that ended well; this target never emits it.
  const stdout = new PassThrough({ autoDestroy: false, emitClose: false, highWaterMark: 1 << 20 });
  const isPiped = command.output === 'stdout';
  const fluent = buildFluent(command, binaries.ffmpeg, isPiped ? stdout : null);

  let ending: FfmpegEnding | 'stopped' | null = null;
  let isStarted = false;
  const kill = (why: FfmpegEnding | 'stopped'): void => {
    ending ??= why;
    if (isStarted) fluent.kill('SIGKILL');
  };
  const unregister = registerProcess({ kill: () => kill('stopped') });
  const onAbort = (): void => kill('aborted');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const wall = setTimeout(() => kill('wall'), options.wallMs ?? DEFAULT_WALL_MS);

  const ended = new Promise<void>((resolve, reject) => {
    fluent.on('start', () => {
      isStarted = true;
      if (ending !== null) fluent.kill('SIGKILL');
    });
    fluent.on('stderr', (line: string) => {
      if (line === '' || options.onStderrLine?.(line) === true) return;
      errors++;
      tail.push(scrubPaths(line, paths));
      if (tail.length > TAIL_LINES) tail.shift();
    });
    fluent.on('end', () => resolve());
    fluent.on('error', (error: Error) => {
      if (ending === 'stopped') resolve();
      else if (ending === 'aborted') reject(options.signal?.reason ?? error);
      else reject(new FfmpegError(ending ?? 'failed', tail, endingMessage(ending, scrubPaths(error.message, paths))));
    });
  });
  const done = ended.finally(() => {
    clearTimeout(wall);
    unregister();
    options.signal?.removeEventListener('abort', onAbort);
    if (!isStarted) stdout.end();
  });
  done.catch(() => undefined);
  fluent.run();

  return {
    stdout,
    done,
    errorCount: () => errors,
    tail: () => tail,
    watch: (promise) => watch(promise, options.idleMs ?? DEFAULT_IDLE_MS, () => kill('idle')),
    stop: async () => {
      kill('stopped');
      stdout.resume();
      await done.catch(() => undefined);
    },
  };
}

/** Run ffmpeg with a file output to its end. */
export async function runFfmpeg(command: FfmpegCommand, options: FfmpegRunOptions = {}): Promise<void> {
  const job = await startFfmpeg(command, options);
  await job.done;
}

/**
 * Run ffprobe and hand its standard output on line by line (empty lines left out). `onLine` may throw to end ffprobe early;
 * that error is rethrown. @throws FfmpegError; VamgError SetupMissing; the signal's reason.
 */
export async function runFfprobe(args: readonly string[], onLine: (line: string) => void, options: FfmpegRunOptions = {}): Promise<string[]> {
  const binaries = await findFfmpeg();
  options.signal?.throwIfAborted();
  const child = spawn(binaries.ffprobe, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  let ending: FfmpegEnding | null = null;
  const kill = (why: FfmpegEnding): void => {
    ending ??= why;
    child.kill('SIGKILL');
  };
  const unregister = registerProcess({ kill: () => kill('aborted') });
  const onAbort = (): void => kill('aborted');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const wall = setTimeout(() => kill('wall'), options.wallMs ?? DEFAULT_WALL_MS);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  exited.catch(() => undefined);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-8192)));
  try {
    await forEachLine(child.stdout, onLine, (step) => watch(step, options.idleMs ?? DEFAULT_IDLE_MS, () => kill('idle')));
    const code = await exited;
    options.signal?.throwIfAborted();
    const tail = scrubPaths(stderr, args.filter((arg) => arg.startsWith('file:')).map((arg) => arg.slice(5))).split('\n').filter(Boolean).slice(-TAIL_LINES);
    if (ending !== null || code !== 0) throw new FfmpegError(ending ?? 'failed', tail, endingMessage(ending, `ffprobe exited with code ${code}`));
    return tail;
  } finally {
    clearTimeout(wall);
    unregister();
    options.signal?.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
    // A child counts as closed only when its output was read to the end, or is given up.
    child.stdout.destroy();
    child.stderr.destroy();
    await exited.catch(() => undefined);
  }
}

async function forEachLine(stream: Readable, onLine: (line: string) => void, guard: <T>(step: Promise<T>) => Promise<T>): Promise<void> {
  const chunks = stream.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  let rest = '';
  for (let step = await guard(chunks.next()); step.done !== true; step = await guard(chunks.next())) {
    const lines = (rest + step.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  }
  if (rest !== '') onLine(rest);
}

function buildFluent(command: FfmpegCommand, ffmpegPath: string, stdout: PassThrough | null): Ffmpeg.FfmpegCommand {
  const fluent = Ffmpeg({ stdoutLines: TAIL_LINES }).setFfmpegPath(ffmpegPath);
  for (const input of command.inputs) {
    fluent.input(input.source);
    addOptions(input.flags, (first, rest) => fluent.inputOptions(first, ...rest));
  }
  if (stdout === null) fluent.output(command.output);
  else fluent.output(stdout, { end: true });
  addOptions(command.outputFlags, (first, rest) => fluent.outputOptions(first, ...rest));
  return fluent;
}

/** fluent-ffmpeg splits a lone argument at its blank; two or more are taken as they are. */
function addOptions(flags: readonly string[], add: (first: string, rest: string[]) => void): void {
  if (flags.length === 1) throw new RangeError('give ffmpeg flags in groups of two or more arguments');
  const [first, ...rest] = flags;
  if (first !== undefined) add(first, rest);
}

async function watch<T>(promise: Promise<T>, idleMs: number, onIdle: () => void): Promise<T> {
  const timer = setTimeout(onIdle, idleMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function knownPaths(command: FfmpegCommand): string[] {
  const sources = command.inputs.map((input) => input.source).filter((source) => typeof source === 'string');
  return [...sources, command.output].filter((text) => text.startsWith('file:')).map((text) => text.slice(5));
}

function endingMessage(ending: string | null, message: string): string {
  if (ending === 'idle') return 'made no progress and was ended';
  if (ending === 'wall') return 'took longer than its time limit and was ended';
  return message;
}
