import type { PublishedResult } from '../../contracts/activity-types';
import type { ArtefactManifest } from '../../contracts/artefact-manifest';
import type { CorrectionRecord, TrailLine } from '../../contracts/edits';
import { VamgError } from '../../contracts/errors';
import type { ResultManifest } from '../../contracts/pipeline-artefacts';
import { correctKey } from '../../core/pipeline/stage-keys';
import type { ArtefactStore } from '../store/artefact-store';
import { sha256Hex } from '../store/hash-file';
import { CorrectionRecords } from './correction-records';
import { EDITS_FILE, parseTrail, trailText } from './edit-trail';

/** Everything that was corrected in the result of a job. */
export interface Corrections {
  readonly records: readonly CorrectionRecord[];
  readonly trail: readonly TrailLine[];
  /** The trail as edits.jsonl has it; empty when nothing was corrected. */
  readonly text: string;
}

/** @param jobSha256 of the stored job. @throws VamgError CorruptArtifact */
export async function readCorrections(artefacts: ArtefactStore, jobSha256: string): Promise<Corrections> {
  const records = await new CorrectionRecords(artefacts.objects, jobSha256).all();
  const text = trailText(records.flatMap(({ lines }) => lines));
  return { records, trail: parseTrail(text), text };
}

/** Key of the result with these corrections. */
export function keyOfCorrected(jobSha256: string, text: string): string {
  return correctKey(jobSha256, sha256Hex(text), sha256Hex);
}

/** A stored result as activities hand it on. */
export function asPublished({ ref, summary }: Pick<ArtefactManifest, 'ref' | 'summary'>): PublishedResult {
  return { manifest: ref, objects: Number(summary['objects']), frames: Number(summary['frames']) };
}

/** The same, with word whether it was corrected. */
export async function asCorrectable({ objects }: ArtefactStore, jobSha256: string, stored: Pick<ArtefactManifest, 'ref' | 'summary'>): Promise<PublishedResult> {
  const hasCorrections = await new CorrectionRecords(objects, jobSha256).hasAny();
  return { ...asPublished(stored), ...(hasCorrections && { hasCorrections }) };
}

/**
 * The result of a job with all corrections: `published` itself without any.
 * @throws VamgError CorruptArtifact when it is no longer in the store, which starting the job again mends
 */
export async function newestResult<T extends Pick<PublishedResult, 'manifest' | 'objects'>>(artefacts: ArtefactStore, jobSha256: string, published: T): Promise<T> {
  const { records, text } = await readCorrections(artefacts, jobSha256);
  if (records.length === 0) return published;
  const found = await artefacts.find('correct', keyOfCorrected(jobSha256, text));
  if (found === null) throw new VamgError('CorruptArtifact', 'The corrected result of this job is no longer in the store; start the job again, which makes it again from its result and its corrections.');
  const { manifest, objects } = asPublished(found);
  return { ...published, manifest, objects };
}

/** The trail in a stored result, as text; empty without one. @throws VamgError CorruptArtifact */
export async function trailWithin(artefacts: ArtefactStore, { files }: Pick<ResultManifest, 'files'>): Promise<string> {
  const ref = files[EDITS_FILE];
  return ref === undefined ? '' : Buffer.from(await artefacts.readData(ref)).toString('utf8');
}
