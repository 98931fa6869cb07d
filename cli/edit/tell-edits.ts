import type { TrailLine } from '../../contracts/edits';
import { activeEdits } from '../../core/edit/replay-trail';
import type { Output } from '../output/output';
import { formatTable } from '../output/table';
import { describeChange, describeEdit } from './describe-edit';

/** Say what was done just now, a line for each edit. */
export function tellEdits(out: Output, lines: readonly TrailLine[]): void {
  for (const line of lines) {
    const change = describeChange(line);
    out.line(`Edit ${line.number}: ${describeEdit(line.edit)}${change === '' ? '' : ` (${change})`}.`);
  }
}

/** Show everything that was ever done to a result. @param of what it belongs to, for `--json` */
export function tellLog(out: Output, of: Readonly<Record<string, string>>, trail: readonly TrailLine[]): void {
  const holds = new Set(activeEdits(trail).map(({ number }) => number));
  const isUndone = ({ number, edit: { edit: kind } }: TrailLine): boolean => kind !== 'undo' && kind !== 'overlay' && !holds.has(number);
  out.json({ ...of, edits: trail.map((line) => ({ ...line, undone: isUndone(line) })), editsInForce: holds.size });
  if (trail.length === 0) return out.line('Nothing was edited; the result is as it was made.');
  const rows = trail.map((line) => [`${line.number}  ${line.time.slice(0, 19).replace('T', ' ')}  ${describeEdit(line.edit)}${isUndone(line) ? ' (taken back)' : ''}`, describeChange(line), String(line.objects)]);
  for (const line of formatTable(['nr, when (UTC), what', 'changed', 'objects'], rows)) out.line(line);
}
