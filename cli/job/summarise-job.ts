import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SegmentVideoResult } from '../../contracts/messages';
import { commandName } from '../context';
import type { Output } from '../output/output';
import { forUser } from '../output/user-folder';
import type { JobRecord } from './job-record';

/** A job that is done as `--json` gives it. */
export async function jobDocument(record: JobRecord, result: SegmentVideoResult): Promise<Record<string, unknown>> {
  return { id: record.id, state: 'done', out: record.out, objects: result.objects, frames: result.frames, summary: await readSummary(record.out) };
}

/** The last words of a job that is done: what was found and where to look; or its document. */
export async function summariseJob(out: Output, record: JobRecord, result: SegmentVideoResult): Promise<void> {
  out.json(await jobDocument(record, result));
  await tellWhereToLook(out, record, result);
}

/** What was found and where to look, for people. */
export async function tellWhereToLook(out: Output, record: JobRecord, result: SegmentVideoResult): Promise<void> {
  const folder = forUser(record.out);
  out.line(`${result.objects} objects in ${result.frames} frames of ${record.videoName}.`);
  if (await exists(record.out, 'index.html')) out.line(`Look at it: open ${path.join(folder, 'index.html')}, or \`${commandName()} view ${folder}\``);
  if (await exists(record.out, 'overlay.mp4')) out.line(`The film:   ${path.join(folder, 'overlay.mp4')}`);
  out.line(`The masks:  ${path.join(folder, 'masks.jsonl')} (COCO RLE, one line per frame)`);
}

async function readSummary(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(folder, 'result.json'), 'utf8'));
}

async function exists(folder: string, name: string): Promise<boolean> {
  return await stat(path.join(folder, name)).then(() => true, () => false);
}
