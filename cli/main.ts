#!/usr/bin/env node
import { CommanderError } from 'commander';
import { reportError } from './output/output';
import { createProgram } from './program';

/** Codes with which commander ends after it printed what was asked for. */
const ASKED_FOR = new Set(['commander.helpDisplayed', 'commander.help', 'commander.version']);

/** Run one command line. @returns the exit code; everything the user should read has been written. */
export async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json');
  try {
    const program = createProgram();
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && ASKED_FOR.has(error.code)) return error.code === 'commander.help' ? 2 : 0;
    return reportError(error, isJson);
  }
}

/** Ends the process when the answer has left it, whatever is still open. */
function exitWhenWritten(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

if (require.main === module) {
  // `vamg … | head` closes our output early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  void main(process.argv.slice(2)).then(exitWhenWritten);
}
