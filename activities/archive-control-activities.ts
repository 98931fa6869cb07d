import { archivePageSchema, archiveReportSchema, type ArchiveEntry, type ArchiveFile, type ArchivePage, type ArchiveReport } from '../contracts/archive';
import type { ArchiveControlActivities, PlanPageInput, PlanPageResult, RecordBusyInput, RecordFailureInput, ReportInput } from '../contracts/archive-messages';
import { CODE_VERSION } from '../contracts/artefacts';
import type { ObjectRef } from '../contracts/object-ref';
import type { ArchiveDestination } from '../adapters/archive/archive-destination';
import type { PassedOver } from '../adapters/archive/archive-source';
import { afterFailure, decide, isSameVersion, type Decision } from '../core/planning/archive-decisions';
import { nameForDisplay } from '../core/planning/archive-names';
import { reportText, sortEntries } from '../core/pipeline/archive-report';
import { changedRecord, entryOf, loadArchive, loadFile, type ArchiveContext, type ArchiveDependencies } from './archive-context';
import { withFailureMapping } from './failure-mapping';
import { inParallel } from './in-parallel';
import { withPulse } from './pulse';

/** Names that one listing looks at. */
const PAGE_NAMES = 200;
/** Records that are looked up at one time. */
const LOOK_UPS = 16;
/** Of each page so many files that were passed over are named in the report; all are counted. */
const NAMED_PASSED_OVER = 20;

/** The small steps of an archive run. */
export function createArchiveControlActivities(deps: ArchiveDependencies): ArchiveControlActivities {
  const { artefacts, openArchive } = deps;

  async function planArchivePage(input: PlanPageInput): Promise<PlanPageResult> {
    return await withPulse(async () => {
      const context = await loadArchive(deps, input);
      const after = input.after === null ? null : (await artefacts.readJson(input.after, archivePageSchema)).next;
      const { files, passedOver, next } = await context.source.list(after, PAGE_NAMES);
      const destination = openArchive.destination(context.spec.dest);
      const looked = await inParallel(files, LOOK_UPS, (file) => look(context, destination, file, input));
      const still = looked.flatMap(({ entry }) => (entry === null ? [] : [entry]));
      const entries = [...still, ...passedOver.slice(0, NAMED_PASSED_OVER).map(passedOverEntry)];
      if (entries.length > 0) await context.records.log(input.run, `page after ${after ?? ''}`, entries);
      const todo = files.filter((_file, i) => looked[i]!.decision === 'process');
      const page = await artefacts.putData(Buffer.from(JSON.stringify({ schemaVersion: 1, todo, next } satisfies ArchivePage)));
      const skipped = looked.filter(({ decision }) => decision === 'skip').length;
      return { page, todo: todo.length, isLast: next === null, skipped, stillQuarantined: still.length, passedOver: passedOver.length };
    });
  }

  async function look({ records }: ArchiveContext, destination: ArchiveDestination, file: ArchiveFile, { policy }: PlanPageInput): Promise<{ decision: Decision; entry: ArchiveEntry | null }> {
    const record = await records.find(file.name);
    if (record === null || !isSameVersion(record, file)) return { decision: 'process', entry: null };
    const isPublished = record.state === 'done' && (await destination.has(file.name));
    const decision = decide({ record, policy, codeVersion: CODE_VERSION, isPublished });
    return { decision, entry: decision === 'still-quarantined' ? entryOf(record, 'still-quarantined') : null };
  }

  async function recordArchiveFailure(input: RecordFailureInput): Promise<{ state: 'failed' | 'quarantined' }> {
    return await withPulse(async () => {
      const { records, source } = await loadArchive(deps, input);
      const file = await loadFile(deps, input);
      const before = await records.find(file.name);
      // A retry of this step must not count the same failure twice.
      const isCounted = before?.run === input.run && (before.state === 'failed' || before.state === 'quarantined');
      const { state, failures } = isCounted ? { state: before.state as 'failed' | 'quarantined', failures: before.failures } : afterFailure(before?.failures ?? 0, input.failure, input.quarantineAfter);
      const record = changedRecord(file, before, input.run, { state, failures, failure: input.failure, reason: input.reason, jobId: input.jobId });
      await records.save(record);
      await records.log(input.run, file.name, [entryOf(record, state)]);
      await source.release(file);
      return { state };
    });
  }

  async function recordArchiveBusy(input: RecordBusyInput): Promise<void> {
    await withPulse(async () => {
      const { records, source } = await loadArchive(deps, input);
      const file = await loadFile(deps, input);
      const record = changedRecord(file, await records.find(file.name), input.run, { jobId: input.jobId });
      await records.save(record);
      await records.log(input.run, file.name, [{ ...entryOf(record, 'busy'), failure: null, reason: 'another command is segmenting it; the next run takes its result' }]);
      await source.release(file);
    });
  }

  async function reportArchive(input: ReportInput): Promise<{ report: ObjectRef }> {
    return await withPulse(async () => {
      const { spec, records } = await loadArchive(deps, input);
      const stored = await records.findReport(input.run);
      const bytes = stored ?? Buffer.from(`${JSON.stringify(await composeReport(input, await records.readLog(input.run)), null, 1)}\n`);
      if (stored === null) await records.saveReport(input.run, bytes);
      const report = await artefacts.putData(bytes);
      const text = Buffer.from(bytes).toString('utf8');
      const destination = openArchive.destination(spec.dest);
      await destination.putReport(`${input.run}.json`, text);
      await destination.putReport(`${input.run}.txt`, `${reportText(archiveReportSchema.parse(JSON.parse(text))).join('\n')}\n`);
      await records.removeLog(input.run);
      return { report };
    });
  }

  return withFailureMapping({ planArchivePage, recordArchiveFailure, recordArchiveBusy, reportArchive });
}

async function composeReport(input: ReportInput, entries: readonly ArchiveEntry[]): Promise<ArchiveReport> {
  const { run, night, startedAtMs, endedAtMs, endedBy, failure, counts, spent } = input;
  const [startedAt, endedAt] = [startedAtMs, endedAtMs].map((ms) => new Date(ms).toISOString()) as [string, string];
  return archiveReportSchema.parse({ schemaVersion: 1, run, night, startedAt, endedAt, endedBy, failure, counts, spent, videos: sortEntries(entries) } satisfies ArchiveReport);
}

function passedOverEntry({ name, reason }: PassedOver): ArchiveEntry {
  return { name: nameForDisplay(name), state: 'passed-over', failure: null, reason, jobId: null, seconds: null, bytes: null, objects: null };
}
