import type { z } from 'zod';
import type { ArtefactStore } from '../../adapters/store/artefact-store';
import type { SourceRegistry } from '../../adapters/store/source-registry';
import { probeVideo } from '../../adapters/ffmpeg/probe';
import { CODE_VERSION, jobSpecSchema, type JobSpec } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import { inUserWords } from '../../contracts/in-user-words';
import type { SegmentOptions } from '../../contracts/segment-options';
import { canonicalJson } from '../../core/pipeline/canonical-json';
import { planVideo } from '../../core/pipeline/plan-video';
import { fromUserFolder } from '../output/user-folder';
import { ensureModel, withModel } from './choose-model';
import { readGivenObjects, type GivenFiles } from './given-objects';
import { checkJobId, deriveJobId } from './job-id';
import type { JobRecord } from './job-record';
import { defaultOutName } from './out-folder';
import { resolveVideo } from './resolve-video';

export interface PrepareRequest {
  readonly input: string;
  readonly options: SegmentOptions;
  readonly id: string | undefined;
  readonly out: string | undefined;
  readonly given: GivenFiles;
  readonly storeUrl: string;
  readonly artefacts: ArtefactStore;
  readonly sources: SourceRegistry;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Everything that can be wrong is found here, before a server or a worker is started: the video is read, the model is fetched,
 * the job is written to the store. @throws VamgError
 */
export async function prepareJob(request: PrepareRequest): Promise<JobRecord> {
  const { artefacts, sources, signal } = request;
  const options = await withModel(request.options, request.note);
  const id = request.id === undefined ? undefined : checkJobId(request.id);
  const video = await resolveVideo(request.input, request);
  const info = await probeVideo(video.file, undefined, signal);
  // Scene cuts are not known yet; which frames are processed does not depend on them.
  const plan = inUserWords(() => planVideo(info, [], options));
  const given = await readGivenObjects(request.given, info, plan, request.note);
  if (options.tracking.onlyPrompted && given.firstFrameMask === null && given.prompts === null)
    throw new VamgError('BadConfig', '--only-prompted follows given objects only, and none is given: add --prompts FILE.json or --first-frame-mask INDEXED.png.');
  const model = await ensureModel(options, request.note, signal);
  const { videoId } = await sources.register(video.file, signal);
  const spec: JobSpec = jobSpecSchema.parse({
    schemaVersion: 1,
    videoId,
    videoName: video.name,
    options,
    model,
    firstFrameMask: given.firstFrameMask && (await artefacts.putData(given.firstFrameMask)),
    prompts: given.prompts && (await artefacts.putData(given.prompts)),
    codeVersion: CODE_VERSION,
  } satisfies z.input<typeof jobSpecSchema>);
  return {
    schemaVersion: 1,
    id: id ?? deriveJobId(spec),
    input: video.file,
    videoName: video.name,
    videoId,
    out: fromUserFolder(request.out ?? defaultOutName(video.name)),
    job: await artefacts.putData(Buffer.from(canonicalJson(spec))),
    store: request.storeUrl,
    createdAtMs: Date.now(),
    state: 'unfinished',
    ownerPid: null,
  };
}
