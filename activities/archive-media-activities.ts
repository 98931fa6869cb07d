import type { SourceRegistry } from '../adapters/store/source-registry';
import { keyOfCorrected, newestResult, readCorrections, trailWithin } from '../adapters/results/corrected-result';
import { sha256Hex } from '../adapters/store/hash-file';
import { orNull } from '../adapters/store/object-store';
import type { ArchiveFile, ArchiveRecord, ArchiveSpec } from '../contracts/archive';
import type { ArchiveMediaActivities, PrepareVideoInput, PrepareVideoResult, PublishVideoInput } from '../contracts/archive-messages';
import { CODE_VERSION, jobSpecSchema, type JobSpec } from '../contracts/artefacts';
import { VamgError } from '../contracts/errors';
import { resultManifestSchema } from '../contracts/pipeline-artefacts';
import type { VideoInfo } from '../contracts/video-info';
import { decide } from '../core/planning/archive-decisions';
import { canonicalJson } from '../core/pipeline/canonical-json';
import { deriveJobId } from '../core/pipeline/job-id';
import { planVideo } from '../core/pipeline/plan-video';
import { changedRecord, entryOf, loadArchive, loadFile, type ArchiveContext, type ArchiveDependencies } from './archive-context';
import { withFailureMapping } from './failure-mapping';
import { loadContext } from './job-context';
import type { PromisedVideos } from './promised-videos';
import { withPulse } from './pulse';

export interface ArchiveMediaDependencies extends ArchiveDependencies {
  readonly sources: SourceRegistry;
  /** What the container says about a video. @throws VamgError PoisonVideo */
  readonly probe: (path: string, signal: AbortSignal) => Promise<VideoInfo>;
  /** Keeps it for the job of the video. */
  readonly promised: PromisedVideos;
}

/** The steps of an archive run that read or write films. */
export function createArchiveMediaActivities(deps: ArchiveMediaDependencies): ArchiveMediaActivities {
  const { artefacts, sources, openArchive, probe, promised } = deps;

  async function prepareArchiveVideo(input: PrepareVideoInput): Promise<PrepareVideoResult> {
    return await withPulse(async (signal) => {
      const context = await loadArchive(deps, input);
      const file = await loadFile(deps, input);
      const { source } = context;
      const fetched = await orNull(source.fetch(file, signal));
      if (fetched === null) return { state: 'gone' };
      const result = await prepare(context, file, fetched.path, input, signal);
      if (result.state !== 'run' || !sources.readsInPlace) await source.release(file);
      return result;
    });
  }

  async function prepare({ spec, records }: ArchiveContext, file: ArchiveFile, path: string, { run, policy }: PrepareVideoInput, signal: AbortSignal): Promise<PrepareVideoResult> {
    const { videoId } = await register(path, signal);
    const known = await records.find(file.name);
    // Other bytes under the same name are another video: nothing that was said of the former holds.
    const before = known?.videoId === videoId ? known : null;
    const isPublished = before?.state === 'done' && (await openArchive.destination(spec.dest).has(file.name));
    const decision = decide({ record: before, policy, codeVersion: CODE_VERSION, isPublished });
    if (before !== null && decision !== 'process') {
      const record = changedRecord(file, before, before.run, {});
      await records.save(record);
      if (decision === 'still-quarantined') await records.log(run, file.name, [entryOf(record, 'still-quarantined')]);
      return { state: decision === 'skip' ? 'skipped' : 'still-quarantined' };
    }
    const checked = await check(spec, path, videoId, signal);
    if ('failure' in checked) {
      const record = changedRecord(file, before, run, { videoId, state: 'quarantined', ...checked, failures: (before?.failures ?? 0) + 1 });
      await records.save(record);
      await records.log(run, file.name, [entryOf(record, 'quarantined')]);
      return { state: 'quarantined' };
    }
    const job = jobOf(spec, file, videoId);
    const jobId = deriveJobId(job, sha256Hex);
    // Redone or published again, it stays known as done until it fails.
    await records.save(changedRecord(file, before, before?.run ?? run, { videoId, seconds: checked.seconds, jobId, ...(before === null && { state: 'seen' }) }));
    return { state: 'run', jobId, job: await artefacts.putData(Buffer.from(canonicalJson(job))), videoId, seconds: checked.seconds, bytes: file.bytes };
  }

  /** A file that may not be read is not a poisoned one. @throws VamgError NotFound */
  async function register(path: string, signal: AbortSignal): Promise<{ videoId: string }> {
    try {
      return await sources.register(path, signal);
    } catch (cause) {
      if (cause instanceof VamgError && cause.failure === 'PoisonVideo') throw new VamgError('NotFound', 'The workers cannot read the file; check its owner and permissions.', { cause });
      throw cause;
    }
  }

  /** Seconds that would be processed, or why this video cannot be. */
  async function check(spec: ArchiveSpec, path: string, videoId: string, signal: AbortSignal): Promise<{ seconds: number } | Pick<ArchiveRecord, 'failure' | 'reason'>> {
    try {
      const info = await probe(path, signal);
      planVideo(info, [], spec.options);
      promised.put(videoId, info);
      const { start, end } = spec.options.planning;
      return { seconds: Math.max(0, Math.min(end ?? Infinity, info.durationSeconds) - Math.min(start, info.durationSeconds)) };
    } catch (error) {
      if (error instanceof VamgError && error.failure === 'PoisonVideo') return { failure: error.failure, reason: error.message };
      // The options do not fit this video, as when --start is after its end.
      if (error instanceof RangeError) return { failure: 'BadConfig', reason: error.message };
      throw error;
    }
  }

  async function publishArchiveVideo(input: PublishVideoInput): Promise<{ state: 'done' | 'failed' }> {
    return await withPulse(async (signal) => {
      const { spec, records, source } = await loadArchive(deps, input);
      const file = await loadFile(deps, input);
      const before = await records.find(file.name);
      const { state, objects } = await publish(spec, file, input, signal);
      const change = state === 'done' ? { state, failures: 0, failure: null, reason: null, codeVersion: CODE_VERSION } : { state, failure: 'BadConfig', reason: 'something that is no result of vamg is where its result goes; move it away' };
      const record = changedRecord(file, before, input.run, { ...change, jobId: input.jobId });
      await records.save(record);
      await records.log(input.run, file.name, [entryOf(record, state, objects)]);
      await source.release(file);
      return { state };
    });
  }

  async function publish(spec: ArchiveSpec, file: ArchiveFile, { job, manifest, objects }: PublishVideoInput, signal: AbortSignal): Promise<{ state: 'done' | 'failed'; objects: number }> {
    try {
      // Somebody may have corrected it since its workflow ended.
      const newest = await newestResult(artefacts, job.sha256, { manifest, objects });
      const { files } = await artefacts.readJson(newest.manifest, resultManifestSchema);
      const writers = Object.entries(files).map(([name, ref]) => [name, async (localPath: string) => {
        signal.throwIfAborted();
        await artefacts.download(ref, localPath);
      }] as const);
      await openArchive.destination(spec.dest).publish(file.name, new Map(writers), await trailWithin(artefacts, { files }));
      return { state: 'done', objects: newest.objects };
    } catch (error) {
      if (error instanceof VamgError && error.details['occupied'] === true) return { state: 'failed', objects };
      if (error instanceof VamgError && error.failure === 'CorruptArtifact') await forgetResult(job);
      throw error;
    }
  }

  /** So that the next run composes it again from the chunks. */
  async function forgetResult(job: PublishVideoInput['job']): Promise<void> {
    const { keys } = await loadContext(artefacts, { job });
    const { text } = await readCorrections(artefacts, job.sha256);
    for (const stored of [await artefacts.find('correct', keyOfCorrected(job.sha256, text)), await artefacts.find('publish', keys.publish())]) {
      if (stored === null) continue;
      const { files } = await artefacts.readJson(stored.ref, resultManifestSchema).catch(() => ({ files: {} }));
      await artefacts.discard(stored);
      for (const ref of Object.values(files)) await artefacts.objects.remove(ref.key);
    }
  }

  return withFailureMapping({ prepareArchiveVideo, publishArchiveVideo });
}

/** The same job that `vamg segment` makes of this video with these options. */
function jobOf(spec: ArchiveSpec, file: ArchiveFile, videoId: string): JobSpec {
  const videoName = (file.name.split('/').at(-1) ?? file.name).slice(0, 255);
  return jobSpecSchema.parse({ schemaVersion: 1, videoId, videoName, options: spec.options, model: spec.model, firstFrameMask: null, prompts: null, codeVersion: CODE_VERSION } satisfies JobSpec);
}
