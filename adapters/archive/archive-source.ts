import type { ArchiveFile } from '../../contracts/archive';
import { VamgError } from '../../contracts/errors';
import { whyPassedOver } from '../../core/planning/archive-names';

export interface PassedOver {
  readonly name: string;
  readonly reason: string;
}

export interface ArchiveListing {
  /** Videos, by their names. */
  readonly files: readonly ArchiveFile[];
  /** Everything else. */
  readonly passedOver: readonly PassedOver[];
  /** Last name that was seen; null when there are no more. */
  readonly next: string | null;
}

export interface FetchedVideo {
  /** Local path of the whole file. */
  readonly path: string;
}

/** The videos of an archive. */
export interface ArchiveSource {
  /**
   * The next files, in an order that stays the same: at most `limit` names are looked at.
   * @param after `next` of the listing before; null for the first
   * @throws VamgError BadConfig when the source is not there or may not be read, StoreUnavailable
   */
  list(after: string | null, limit: number): Promise<ArchiveListing>;
  /**
   * Have a file on this machine.
   * @throws VamgError NotFound when it is gone or has changed since it was listed, BadConfig for a name that no listing gives
   */
  fetch(file: ArchiveFile, signal: AbortSignal): Promise<FetchedVideo>;
  /** What `fetch` brought here is no longer needed. */
  release(file: ArchiveFile): Promise<void>;
}

/** Names become paths: those that a listing passes over are not fetched either, whoever asks. @throws VamgError BadConfig */
export function checkListedName(name: string): void {
  const reason = whyPassedOver(name);
  if (reason !== null) throw new VamgError('BadConfig', `A file of the archive cannot be fetched: ${reason}.`);
}
