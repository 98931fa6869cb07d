import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { applyEdits } from '../adapters/results/apply-edits';
import { asPublished, keyOfCorrected, readCorrections, type Corrections } from '../adapters/results/corrected-result';
import { CorrectionRecords } from '../adapters/results/correction-records';
import { isPageMasks } from '../adapters/results/keep-files';
import { trailText } from '../adapters/results/edit-trail';
import { EDITED_FILES, OriginalResult } from '../adapters/results/original-result';
import { planEdits, type Request } from '../adapters/results/plan-edits';
import { sha256Hex } from '../adapters/store/hash-file';
import { withScratchDir } from '../adapters/store/scratch-dir';
import type { CorrectInput, CorrectResult } from '../contracts/activity-types';
import type { ArtefactManifest } from '../contracts/artefact-manifest';
import type { CorrectionRecord, CorrectionRequest, TrailLine } from '../contracts/edits';
import { VamgError } from '../contracts/errors';
import type { Correction, CorrectionDone } from '../contracts/messages';
import { resultManifestSchema, type ResultManifest } from '../contracts/pipeline-artefacts';
import { activeEdits } from '../core/edit/replay-trail';
import { canonicalJson } from '../core/pipeline/canonical-json';
import type { MediaDependencies } from './dependencies';
import { findPublished, type StoredResult } from './find-published';
import { loadContext } from './job-context';

interface Made {
  readonly lines: readonly TrailLine[];
  readonly objectsBefore: number;
  readonly artefact: ArtefactManifest;
}

/**
 * Correct the stored result of a job, or make sure that the corrected one is there. The result is always the original with all edits
 * that hold, done anew. Its files are stored first and count once their record is written, which only one of several writers can do:
 * the others do theirs again, after it. A repetition finds its own record. @throws VamgError BadConfig for an edit that does not fit, NotFound, CorruptArtifact
 */
export async function correctResult(deps: MediaDependencies, input: CorrectInput, signal: AbortSignal): Promise<CorrectResult> {
  const { artefacts } = deps;
  const { job, correction } = input;
  const records = new CorrectionRecords(artefacts.objects, job.sha256);
  const base = await loadBase(deps, input);
  for (;;) {
    signal.throwIfAborted();
    const before = await readCorrections(artefacts, job.sha256);
    const own = correction === undefined ? undefined : before.records.find((record) => isSame(record, correction));
    if (correction === undefined || own !== undefined) {
      const artefact = before.records.length === 0 ? base.artefact : await ensureCorrected(deps, base, before, input, signal);
      return { ...asPublished(artefact), ...(own !== undefined && { done: doneOf(own, before.trail) }) };
    }
    const made = await make(deps, base, before, { job, request: requestOf(correction.request), atMs: correction.atMs }, signal);
    const record: CorrectionRecord = { schemaVersion: 1, id: correction.id, request: hashOf(correction), lines: [...made.lines], objectsBefore: made.objectsBefore, manifest: made.artefact.ref };
    if (await records.claim(record)) return { ...asPublished(made.artefact), done: doneOf(record, [...before.trail, ...made.lines]) };
  }
}

async function loadBase({ artefacts }: MediaDependencies, input: CorrectInput): Promise<StoredResult> {
  try {
    const { keys } = await loadContext(artefacts, input);
    const stored = await findPublished(artefacts, keys.publish());
    if (stored === null) throw gone();
    return stored;
  } catch (error) {
    // What leads to the result was cleaned away.
    throw error instanceof VamgError && error.failure === 'CorruptArtifact' ? gone(error) : error;
  }
}

function gone(cause?: unknown): VamgError {
  return new VamgError('NotFound', 'The result of this job is not in the store; start the job again (`vamg segment` with the same options), which makes what is missing, and correct it then.', { cause });
}

async function ensureCorrected(deps: MediaDependencies, base: StoredResult, before: Corrections, { job }: CorrectInput, signal: AbortSignal): Promise<ArtefactManifest> {
  const found = await deps.artefacts.findVerified('correct', keyOfCorrected(job.sha256, before.text));
  return found ?? (await make(deps, base, before, { job, request: { kind: 'replay' }, atMs: 0 }, signal)).artefact;
}

/** Make the files of the result after a request, and store them. */
async function make({ artefacts, media, version }: MediaDependencies, { artefact, files }: StoredResult, before: Corrections, { job, request, atMs }: { readonly job: CorrectInput['job']; readonly request: Request; readonly atMs: number }, signal: AbortSignal): Promise<Made> {
  return await withScratchDir(artefacts.scratchRoot, async (scratch) => {
    const [from, folder] = [path.join(scratch, 'original'), path.join(scratch, 'corrected')];
    for (const made of [from, folder]) await mkdir(made);
    for (const name of EDITED_FILES) if (files[name] !== undefined) await artefacts.downloadInput({ ...artefact, ref: files[name] }, path.join(from, name));
    const original = OriginalResult.unedited(from, 'the stored result');
    const plan = await fitting(() => planEdits(original, before.trail, request));
    const overlay = files['overlay.mp4'] === undefined ? 'none' : 'kept';
    const lines = await applyEdits({ original, plan, before: before.text, count: before.trail.length, now: new Date(atMs), version, overlay, folder, signal });
    const hasPage = files['index.html'] !== undefined;
    if (hasPage) await media.writeViewer({ masksPath: path.join(folder, 'masks.jsonl'), resultPath: path.join(folder, 'result.json'), stitchReportPath: path.join(folder, 'stitch-report.json'), folder, signal });
    const kept = Object.entries(files).filter(([name]) => !hasPage || !isPageMasks(name));
    const all: Record<string, ResultManifest['files'][string]> = Object.fromEntries(kept);
    for (const name of await filesWithin(folder)) {
      signal.throwIfAborted();
      all[name] = await artefacts.putDataFile(path.join(folder, name));
    }
    const value = resultManifestSchema.parse({ schemaVersion: 1, files: Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))) });
    const summary = { objects: plan.objects.count, frames: plan.positions };
    return { lines, objectsBefore: plan.objectsBefore, artefact: await artefacts.publishJson('correct', keyOfCorrected(job.sha256, before.text + trailText(lines)), value, summary) };
  });
}

/** @throws VamgError BadConfig where corrections of before do not fit any more: nothing that is made again could change that */
async function fitting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VamgError) || !(error.cause instanceof RangeError) || error.failure !== 'CorruptArtifact') throw error;
    throw new VamgError('BadConfig', `The corrections of this job do not fit its masks, which were computed anew (${error.cause.message}); a job with another option, such as --parallel, has a result without them.`, { cause: error });
  }
}

async function filesWithin(folder: string, below = ''): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) names.push(...(await filesWithin(folder, name)));
    else names.push(name);
  }
  return names;
}

function requestOf(request: CorrectionRequest): Request {
  return 'undo' in request ? { kind: 'undo' } : { kind: 'edits', edits: request.edits };
}

function hashOf({ request }: Correction): string {
  return sha256Hex(canonicalJson(request));
}

function isSame({ id, request }: CorrectionRecord, correction: Correction): boolean {
  return id === correction.id && request === hashOf(correction);
}

/** @param trail at least up to the record */
function doneOf({ id, lines, objectsBefore, manifest }: CorrectionRecord, trail: readonly TrailLine[]): CorrectionDone {
  const [first, last] = [lines[0]!, lines.at(-1)!];
  const editsInForce = activeEdits(trail.slice(0, last.number)).length;
  return { state: 'done', correction: id, firstEdit: first.number, lastEdit: last.number, objectsBefore, objects: last.objects, editsInForce, manifest };
}
