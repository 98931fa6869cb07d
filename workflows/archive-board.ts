import { NO_COUNTS, NOTHING_SPENT, type ArchiveCarry, type ArchiveCounts, type ArchivePhase, type ArchiveProgress, type ArchiveSpent, type PageCursor } from '../contracts/archive-messages';
import { spend } from '../core/planning/archive-budget';

/** State of an archive run: what the progress query shows and what continue-as-new carries over. No Temporal calls. */
export class ArchiveBoard {
  phase: ArchivePhase = 'working';
  paused: boolean;
  counts: ArchiveCounts;
  spent: ArchiveSpent;
  /** Failures in a row that are not an input's fault. */
  failuresInRow: number;
  isOverBudget: boolean;
  cursor: PageCursor | null;
  /** Index in the page of the next video. */
  next: number;
  /** Job IDs of the videos at work. */
  readonly atWork = new Set<string>();

  constructor(
    readonly run: string,
    readonly night: string | null,
    readonly startedAtMs: number,
    carry?: ArchiveCarry,
  ) {
    this.paused = carry?.paused ?? false;
    this.counts = carry?.counts ?? NO_COUNTS;
    this.spent = carry?.spent ?? NOTHING_SPENT;
    this.failuresInRow = carry?.failuresInRow ?? 0;
    this.isOverBudget = carry?.isOverBudget ?? false;
    this.cursor = carry?.cursor ?? null;
    this.next = carry?.next ?? 0;
  }

  count(what: keyof ArchiveCounts, times = 1): void {
    this.counts = { ...this.counts, [what]: this.counts[what] + times };
  }

  spend(video: { readonly seconds: number; readonly bytes: number }): void {
    this.spent = spend(this.spent, video);
  }

  snapshot(): ArchiveProgress {
    const { phase, paused, run, night, counts, spent, startedAtMs } = this;
    return { kind: 'archive', phase, paused, run, night, counts, spent, atWork: [...this.atWork], startedAtMs };
  }

  carry(): ArchiveCarry {
    const { run, night, startedAtMs, paused, counts, spent, failuresInRow, isOverBudget, cursor, next } = this;
    return { run, night, startedAtMs, paused, counts, spent, failuresInRow, isOverBudget, cursor, next };
  }
}
