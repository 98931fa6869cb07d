import type { ArchiveBudget, ArchiveSpent } from '../../contracts/archive-messages';

/**
 * Whether another video may be started. Each limit may be overrun by the last video that was started: otherwise one that is longer
 * than the budget of a night would never be processed.
 */
export function isBudgetLeft(budget: ArchiveBudget, spent: ArchiveSpent): boolean {
  const isLeft = (limit: number | null, used: number): boolean => limit === null || used < limit;
  return isLeft(budget.videos, spent.videos) && isLeft(budget.seconds, spent.seconds) && isLeft(budget.bytes, spent.bytes);
}

/** With one more video started. */
export function spend(spent: ArchiveSpent, video: { readonly seconds: number; readonly bytes: number }): ArchiveSpent {
  return { videos: spent.videos + 1, seconds: spent.seconds + video.seconds, bytes: spent.bytes + video.bytes };
}
