import type { Output } from './output';

/** Say how far something is: a line that overwrites itself on a terminal, one per quarter elsewhere, nothing with --json. */
export function createCounter(out: Output, unit: string): (done: number, total: number) => void {
  const isTerminal = process.stderr.isTTY === true && !out.isJson;
  let quarter = 0;
  return (done, total) => {
    const text = `${done} of ${total} ${unit}`;
    if (isTerminal) process.stderr.write(`\r${text}${done === total ? '\n' : ''}`);
    else if (Math.floor((4 * done) / total) > quarter) {
      quarter = Math.floor((4 * done) / total);
      out.note(text);
    }
  };
}
