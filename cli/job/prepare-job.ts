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
import { ensureBundle, preferMemoryBundle } from '../../models/bundles';
import { fromUserFolder } from '../output/user-folder';
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
  const video = await resolveVideo(request.input);
  const info = await probeVideo(video.file, undefined, signal);
  // Scene cuts are not known yet; which frames are processed does not depend on them.
  const plan = inUserWords(() => planVideo(info, [], options));
  const given = await readGivenObjects(request.given, info, plan, request.note);
  if (options.tracking.onlyPrompted && given.firstFrameMask === null && given.prompts === null)
    throw new VamgError('BadConfig', '--only-prompted follows given objects only, and none is given: add --prompts FILE.json or --first-frame-mask INDEXED.png.');
  const bundle = await ensureModel(options.model, request.note, signal);
  if (!bundle.inputSizes.includes(options.inputSize))
    throw new VamgError('BadConfig', `Model bundle ${options.model} takes pictures of ${bundle.inputSizes.join(', ')} pixels, not --input-size ${options.inputSize}.`);
  const { videoId } = await sources.register(video.file, signal);
  const spec: JobSpec = jobSpecSchema.parse({
    schemaVersion: 1,
    videoId,
    videoName: video.name,
    options,
    model: { name: options.model, sha256: bundle.sha256 },
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

/** `--tracker auto` takes a bigger bundle with a memory network when the user has added one. */
async function withModel(options: SegmentOptions, note: (text: string) => void): Promise<SegmentOptions> {
  if (options.tracking.tracker !== 'auto') return options;
  const model = await preferMemoryBundle(options.model, options.inputSize);
  if (model !== options.model) note(`Using model bundle ${model}; \`--tracker memory\` or \`--tracker prompt\` keeps ${options.model}.`);
  return { ...options, model };
}

async function ensureModel(name: string, note: (text: string) => void, signal: AbortSignal): Promise<{ sha256: string; inputSizes: readonly number[] }> {
  const bundle = await ensureBundle(name, { signal, log: note });
  return { sha256: bundle.sha256, inputSizes: bundle.manifest.inputSizes };
}
