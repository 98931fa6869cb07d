import { CommanderError } from 'commander';
import { FAILURES, VamgError, isFailureName } from '../../contracts/errors';

/** The user pressed Ctrl-C: exit code 130, and a sentence that says how to go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** An error as the command line says it: name, one sentence, exit code. */
export interface SaidError {
  readonly failure: string;
  readonly message: string;
  readonly exitCode: number;
}

/** What to say about anything that was thrown. */
export function sayError(error: unknown): SaidError {
  if (error instanceof Interrupted) return { failure: 'Interrupted', message: error.message, exitCode: 130 };
  if (error instanceof CommanderError) return { failure: 'BadConfig', message: usageSentence(error), exitCode: 2 };
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    const said = sayKnown(at);
    if (said !== null) return said;
  }
  const text = error instanceof Error ? error.message : String(error);
  return { failure: 'Internal', message: `Something unexpected happened: ${oneLine(text)} Set VAMG_DEBUG=1 to see where.`, exitCode: 1 };
}

function sayKnown(error: Error): SaidError | null {
  if (error instanceof VamgError) return fromCatalogue(error.failure, error.message);
  // Temporal's ApplicationFailure carries the catalogue name as its type.
  const type = (error as { type?: unknown }).type;
  if (isFailureName(type)) return fromCatalogue(type, error.message);
  if (error.name === 'CancelledFailure') return fromCatalogue('Cancelled', 'The job was cancelled.');
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOSPC') return fromCatalogue('ResourceExhausted', 'The disk is full; free some space and run the same command again.');
  if (code === 'EACCES' || code === 'EPERM') return fromCatalogue('BadConfig', `Permission denied: ${oneLine(error.message)}`);
  return null;
}

function fromCatalogue(failure: keyof typeof FAILURES, message: string): SaidError {
  return { failure, message, exitCode: FAILURES[failure].exitCode };
}

function oneLine(text: string): string {
  const line = text.split('\n', 1)[0]!.trim();
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** Commander's message as a sentence: "error: unknown option '--x'" -> "Unknown option '--x'." */
function usageSentence(error: CommanderError): string {
  const text = error.message.replace(/^error: /, '').replace(/\n\(/, ' (').trim();
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(sentence) ? sentence : `${sentence}.`;
}
