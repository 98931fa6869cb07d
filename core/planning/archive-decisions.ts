import type { ArchivePolicy } from '../../contracts/archive-messages';
import type { ArchiveFile, ArchiveRecord } from '../../contracts/archive';
import { FAILURES, isFailureName } from '../../contracts/errors';

/**
 * Whose fault a failure is: `video` - the same bytes will fail the same way; `perhaps` - nobody knows, so it is tried in a few
 * more runs; `passing` - not the video's, so it is not counted; `setup` - every other video will fail as well, so the run ends.
 */
export type Verdict = 'video' | 'perhaps' | 'passing' | 'setup';

const PASSING = new Set(['StoreUnavailable', 'ResourceExhausted', 'Cancelled', 'NotFound']);
const SETUP = new Set(['BadConfig', 'SetupMissing']);

/** @param failure a name of the error catalogue; anything else counts as a bug of ours */
export function verdictOn(failure: string): Verdict {
  if (PASSING.has(failure)) return 'passing';
  if (SETUP.has(failure)) return 'setup';
  return isFailureName(failure) && FAILURES[failure].blame === 'input' ? 'video' : 'perhaps';
}

/** How a video stands after a failure. */
export function afterFailure(failuresBefore: number, failure: string, quarantineAfter: number): { readonly state: 'failed' | 'quarantined'; readonly failures: number } {
  const verdict = verdictOn(failure);
  if (verdict === 'passing' || verdict === 'setup') return { state: 'failed', failures: failuresBefore };
  const failures = failuresBefore + 1;
  return { state: verdict === 'video' || failures >= quarantineAfter ? 'quarantined' : 'failed', failures };
}

export type Decision = 'process' | 'skip' | 'still-quarantined';

export interface DecisionInput {
  /** null for a name that is new. */
  readonly record: ArchiveRecord | null;
  readonly policy: Pick<ArchivePolicy, 'retryQuarantined' | 'redoOutdated'>;
  readonly codeVersion: string;
  /** Whether its result is at the destination. */
  readonly isPublished: boolean;
}

/** Whether a record speaks of these bytes, as far as a listing shows. */
export function isSameVersion(record: ArchiveRecord | null, file: Pick<ArchiveFile, 'bytes' | 'version'>): boolean {
  return record !== null && record.bytes === file.bytes && record.version === file.version;
}

/** What is done with a video whose bytes are those of the record (or that has none). */
export function decide({ record, policy, codeVersion, isPublished }: DecisionInput): Decision {
  if (record?.state === 'quarantined' && !policy.retryQuarantined) return 'still-quarantined';
  const isCurrent = record?.codeVersion === codeVersion || !policy.redoOutdated;
  return record?.state === 'done' && isPublished && isCurrent ? 'skip' : 'process';
}
