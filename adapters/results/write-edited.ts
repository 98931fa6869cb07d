import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import { editLine } from '../../core/edit/edit-line';
import { editReport } from '../../core/edit/edit-report';
import { editSummary } from '../../core/edit/edit-summary';
import { ResultFigures } from '../../core/pipeline/result-figures';
import { LineWriter } from '../store/json-lines';
import type { OriginalResult } from './original-result';
import type { EditPlan } from './plan-edits';

/**
 * Write masks.jsonl, result.json and stitch-report.json as the planned edits leave them: the original bytes when none holds, else one pass
 * over the original masks. The counters of merges in the plan run along. @throws VamgError CorruptArtifact
 */
export async function writeEdited(original: OriginalResult, plan: EditPlan, folder: string, signal: AbortSignal): Promise<void> {
  if (plan.active === 0) return await original.restoreTo(folder);
  const { objects, intervals, lines } = plan;
  const idAt = (id: number, frame: number): number => objects.idAt(id, frame);
  const united = lines.flatMap(({ united: one }) => (one === null ? [] : [one]));
  const figures = new ResultFigures();
  const output = new LineWriter(path.join(folder, 'masks.jsonl'), { gzip: false });
  for await (const { text, line } of original.lines()) {
    signal.throwIfAborted();
    for (const one of united) one.add(line);
    const edited = readable(line.frame, () => {
      const result = editLine(line, idAt);
      figures.add(result);
      return result;
    });
    await output.write(edited === line ? text : JSON.stringify(edited));
  }
  await output.close();
  const report = await original.stitchReport();
  const edited = report === null ? null : editReport(report, idAt, intervals);
  if (edited !== null) await writeFile(path.join(folder, 'stitch-report.json'), `${JSON.stringify(edited, null, 1)}\n`);
  const summary = editSummary(await original.summary(), figures.result(objects.labels), edited?.lineage ?? null, plan.active);
  await writeFile(path.join(folder, 'result.json'), `${JSON.stringify(summary, null, 2)}\n`);
}

function readable<T>(frame: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new VamgError('CorruptArtifact', `masks.jsonl is damaged: a mask on frame ${frame} cannot be read; run \`vamg segment\` again, which takes it from the store.`, { cause });
  }
}
