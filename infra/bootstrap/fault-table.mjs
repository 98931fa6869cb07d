// The table of faults in docs/reliability.md, from what the tests of test/chaos have found.
import fs from 'node:fs';

const COLUMNS = ['fault', 'what happens', 'what was done', 'lost', 'went on after', 'frames done again'];

/** @param reports FaultReport values of test/chaos/support/faults.ts, in any order. @returns lines of Markdown */
export function faultTable(reports) {
  const cells = [...reports].sort((a, b) => a.fault - b.fault).map(({ fault, name, done, lost, recoverySeconds, repeated }) => [
    ...[String(fault), name, done, lost === 0 ? 'nothing' : String(lost)],
    recoverySeconds === null ? '–' : `${recoverySeconds.toFixed(1)} s`,
    repeated === null ? '–' : `${repeated.frames} of ${repeated.distinct}`,
  ]);
  return [COLUMNS, COLUMNS.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
}

/** The table of a file of reports, one JSON value a line; nothing when no test wrote one. */
export function faultTableOf(file) {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return faultTable(lines.filter((line) => line !== '').map((line) => JSON.parse(line)));
}
