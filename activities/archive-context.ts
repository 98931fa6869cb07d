import type { ArtefactStore } from '../adapters/store/artefact-store';
import { ArchiveRecords } from '../adapters/archive/archive-records';
import type { ArchiveSource } from '../adapters/archive/archive-source';
import type { OpenArchive } from '../adapters/archive/open-archive';
import { sha256Hex } from '../adapters/store/hash-file';
import { archivePageSchema, archiveSpecSchema, type ArchiveEntry, type ArchiveFile, type ArchiveRecord, type ArchiveSpec } from '../contracts/archive';
import { CODE_VERSION } from '../contracts/artefacts';
import { VamgError } from '../contracts/errors';
import type { ObjectRef } from '../contracts/object-ref';
import { archiveKey } from '../core/pipeline/archive-key';

export interface ArchiveDependencies {
  readonly artefacts: ArtefactStore;
  readonly openArchive: OpenArchive;
}

export interface ArchiveContext {
  readonly spec: ArchiveSpec;
  readonly records: ArchiveRecords;
  readonly source: ArchiveSource;
}

/** The archive that an activity's input points to. */
export async function loadArchive({ artefacts, openArchive }: ArchiveDependencies, input: { readonly archive: ObjectRef }): Promise<ArchiveContext> {
  const spec = await artefacts.readKept(input.archive, archiveSpecSchema);
  const key = archiveKey(spec, sha256Hex);
  return { spec, records: new ArchiveRecords(artefacts.objects, key), source: openArchive.source(spec.source, key) };
}

/** The file that an activity's input points to. @throws VamgError Internal when it is not on the page */
export async function loadFile({ artefacts }: ArchiveDependencies, input: { readonly page: ObjectRef; readonly index: number }): Promise<ArchiveFile> {
  const { todo } = await artefacts.readKept(input.page, archivePageSchema);
  const file = todo[input.index];
  if (file === undefined) throw new VamgError('Internal', `File ${input.index} is not on the page of ${todo.length}.`);
  return file;
}

const NOTHING_KNOWN = { videoId: null, seconds: null, state: 'seen', failures: 0, failure: null, reason: null, jobId: null } as const;

/** The record of a file with something changed; what was known of the same bytes stays. */
export function changedRecord(file: ArchiveFile, before: ArchiveRecord | null, run: string, change: Partial<ArchiveRecord>): ArchiveRecord {
  return { ...NOTHING_KNOWN, ...before, ...change, schemaVersion: 1, name: file.name, bytes: file.bytes, version: file.version, codeVersion: change.codeVersion ?? before?.codeVersion ?? CODE_VERSION, run };
}

/** What the log of the run says of a video. */
export function entryOf(record: ArchiveRecord, state: ArchiveEntry['state'], objects: number | null = null): ArchiveEntry {
  const isWell = state === 'done';
  return { name: record.name, state, failure: isWell ? null : record.failure, reason: isWell ? null : record.reason, jobId: record.jobId, seconds: record.seconds, bytes: record.bytes, objects };
}
