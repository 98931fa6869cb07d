import { ApplicationFailure } from '@temporalio/activity';
import type { ArchiveControlActivities, ArchiveMediaActivities, PrepareVideoResult, RecordFailureInput, ReportInput } from '../../../contracts/archive-messages';
import type { ObjectRef } from '../../../contracts/object-ref';

const ref = (number: number): ObjectRef => ({ key: `v1/data/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), bytes: number });

export interface FakeVideo {
  readonly name: string;
  /** What its workflow does (see archive-workflows.ts), or what preparing it gives. */
  readonly does: string;
  /** Its name when absent. */
  readonly jobId?: string;
  readonly seconds?: number;
  /** How often publishing it meets a damaged file. */
  readonly damaged?: number;
}

/** Activities of the archive workflow over a list in memory, and a record of what was called. */
export class FakeArchive {
  readonly done: string[] = [];
  readonly busy: string[] = [];
  readonly prepared: string[] = [];
  readonly failures: RecordFailureInput[] = [];
  readonly reports: ReportInput[] = [];
  pages = 0;
  maxInFlight = 0;
  readonly published = new Map<string, number>();
  private inFlight = 0;

  constructor(
    private readonly videos: readonly FakeVideo[],
    private readonly options: { readonly pageSize?: number; readonly duringPrepare?: (name: string) => Promise<unknown> } = {},
  ) {}

  activities(): ArchiveControlActivities & ArchiveMediaActivities {
    const size = this.options.pageSize ?? 50;
    const at = ({ page, index }: { page: ObjectRef; index: number }): FakeVideo => this.videos[page.bytes * size + index]!;
    return {
      planArchivePage: async ({ after }) => {
        this.pages++;
        const number = after === null ? 0 : after.bytes + 1;
        const todo = this.videos.slice(number * size, (number + 1) * size).length;
        return { page: ref(number), todo, isLast: (number + 1) * size >= this.videos.length, skipped: 1, stillQuarantined: 0, passedOver: 2 };
      },
      prepareArchiveVideo: async (input) => {
        const video = at(input);
        this.prepared.push(video.name);
        this.maxInFlight = Math.max(this.maxInFlight, ++this.inFlight);
        await this.options.duringPrepare?.(video.name);
        return this.prepare(video);
      },
      publishArchiveVideo: async (input) => {
        const { name, damaged = 0 } = at(input);
        const tries = (this.published.get(name) ?? 0) + 1;
        this.published.set(name, tries);
        if (tries <= damaged) throw ApplicationFailure.create({ message: 'damaged on purpose', type: 'CorruptArtifact' });
        this.inFlight--;
        this.done.push(at(input).name);
        return { state: 'done' };
      },
      recordArchiveFailure: async (input) => {
        this.inFlight--;
        this.failures.push(input);
        return { state: input.failure.startsWith('Poison') ? 'quarantined' : 'failed' };
      },
      recordArchiveBusy: async (input) => {
        this.inFlight--;
        this.busy.push(input.jobId);
      },
      reportArchive: async (input) => {
        this.reports.push(input);
        return { report: ref(0) };
      },
    };
  }

  private prepare({ name, does, jobId = name, seconds = 60 }: FakeVideo): PrepareVideoResult {
    if (does.startsWith('prepare:')) {
      const state = does.slice('prepare:'.length);
      if (state.startsWith('!')) throw ApplicationFailure.nonRetryable(`${state.slice(1)} on purpose`, state.slice(1));
      this.inFlight--;
      return { state } as PrepareVideoResult;
    }
    return { state: 'run', jobId, job: ref(1), videoId: does, seconds, bytes: 1000 };
  }
}
