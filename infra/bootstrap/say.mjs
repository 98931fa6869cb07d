// What the bootstrap prints: one line per step on stderr, and only when a step does something.

/** Exit code for "set-up is missing" (see the table of exit codes in the command's help). */
export const EXIT_SETUP_MISSING = 3;

/** A set-up problem a person can fix. Its message is complete: what is missing and how to get it. */
export class SetupError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'SetupError';
  }
}

/** The checkout's own code is at fault, not the machine: exit code 1, and the compiler's words instead of a stack. */
export class BuildError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'BuildError';
  }
}

export function say(message) {
  process.stderr.write(`set-up: ${message}\n`);
}

/** "7 s", "2 min 05 s". */
export function formatElapsed(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Runs `work` and says every `everyMs` that it is still going, for steps that take minutes. */
export async function withElapsedLines(label, work, everyMs = 30_000) {
  const started = Date.now();
  const timer = setInterval(() => say(`${label}: ${formatElapsed(Date.now() - started)} so far`), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Ends the process for a failed step: a sentence for people, the stack only when VAMG_DEBUG asks for it. */
export function exitWith(error) {
  const isSetup = error instanceof SetupError;
  const isExpected = isSetup || error instanceof BuildError;
  const detail = isExpected && !process.env.VAMG_DEBUG ? error.message : (error?.stack ?? String(error));
  process.stderr.write(`vamg: ${detail}\n`);
  process.exit(isSetup ? EXIT_SETUP_MISSING : 1);
}
