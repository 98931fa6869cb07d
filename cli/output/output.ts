import { sayError } from './exit-error';

/** Where a command writes: lines for people, or one JSON document on stdout. */
export interface Output {
  readonly isJson: boolean;
  /** A line of the answer, on stdout; nothing with --json. */
  line(text?: string): void;
  /** A remark on the way, on stderr; nothing with --json unless VAMG_DEBUG is set. */
  note(text: string): void;
  /** The answer as JSON; nothing without --json. */
  json(value: unknown): void;
}

export function createOutput(isJson: boolean, env: NodeJS.ProcessEnv = process.env): Output {
  return {
    isJson,
    line: (text = '') => void (isJson || process.stdout.write(`${text}\n`)),
    note: (text) => void ((!isJson || isDebug(env)) && process.stderr.write(`${text}\n`)),
    json: (value) => void (isJson && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)),
  };
}

/** Say what went wrong, and give the exit code. */
export function reportError(error: unknown, isJson: boolean, env: NodeJS.ProcessEnv = process.env): number {
  const { failure, message, exitCode } = sayError(error);
  if (isJson) process.stdout.write(`${JSON.stringify({ error: { failure, message } }, null, 2)}\n`);
  else process.stderr.write(`vamg: ${message}\n`);
  if (isDebug(env) && error instanceof Error) process.stderr.write(`${describeChain(error)}\n`);
  return exitCode;
}

function isDebug(env: NodeJS.ProcessEnv): boolean {
  return env['VAMG_DEBUG'] === '1' || env['VAMG_DEBUG'] === 'true';
}

function describeChain(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by ${describeChain(error.cause)}` : own;
}
