import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TrailLine } from '../../contracts/edits';
import { EDITS_FILE, trailText } from './edit-trail';
import type { OriginalResult } from './original-result';
import type { EditPlan } from './plan-edits';
import { writeEdited } from './write-edited';

export interface ApplyEdits {
  readonly original: OriginalResult;
  readonly plan: EditPlan;
  /** The trail before the planned edits, as text. */
  readonly before: string;
  /** Lines in it. */
  readonly count: number;
  readonly now: Date;
  /** Version of video-amg. */
  readonly version: string;
  /** What becomes of overlay.mp4. */
  readonly overlay: TrailLine['overlay'];
  /** An empty folder, for the result as it will be. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Write what says IDs and does not come from other files of a result: masks.jsonl, result.json, stitch-report.json, edits.jsonl, and
 * original/ where it is not kept yet. @returns the new lines of the trail. @throws VamgError CorruptArtifact
 */
export async function applyEdits({ original, plan, before, count, now, version, overlay, folder, signal }: ApplyEdits): Promise<readonly TrailLine[]> {
  await original.keepIn(folder);
  await writeEdited(original, plan, folder, signal);
  // The counts of united frames are known once the masks have passed.
  const lines = plan.lines.map(({ edit, masks, objects, united }, i): TrailLine => {
    const changed = { masks, ...(united !== null && { unitedFrames: united.count }) };
    return { schemaVersion: 1, number: count + 1 + i, time: now.toISOString(), version, edit, changed, objects, overlay };
  });
  await writeFile(path.join(folder, EDITS_FILE), before + trailText(lines));
  return lines;
}
