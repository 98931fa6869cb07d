import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtefactStore } from '../../adapters/store/artefact-store';
import type { SourceRegistry } from '../../adapters/store/source-registry';
import { jobSpecSchema } from '../../contracts/artefacts';
import type { CorrectionRequest, TrailLine } from '../../contracts/edits';
import { VamgError } from '../../contracts/errors';
import type { CorrectionDone, SegmentVideoResult } from '../../contracts/messages';
import type { SegmentOptionsInput } from '../../contracts/segment-options';
import type { JobClient, StartedJob } from '../../workers/job-client';
import type { JobListing } from '../../workers/workflow-runs';
import type { JobReport } from '../../workers/inspect-job';
import type { JobProgress } from '../../workers/job-progress';
import { loadArtefactStore, loadConfig, loadCorrectedResult, loadJobClient, loadMaterialise, loadOpenStore, loadPrepareJob } from './lazy';
import { segmentOptions } from './options';

export interface ConnectOptions {
  /** Where workers keep what they compute: a folder, file:///…, or s3://bucket/prefix. The same as the workers' VAMG_STORE. */
  readonly store: string;
  /** host:port of the Temporal server; default TEMPORAL_ADDRESS, a profile, or temporal.toml, as `vamg` reads them. */
  readonly address?: string;
  /** Task queues are `<prefix>-<role>`; the same as the workers' VAMG_QUEUE_PREFIX. */
  readonly queuePrefix?: string;
  /** Folder for scratch files; default one in the system's temporary folder. */
  readonly scratch?: string;
}

export interface JobRequest {
  /** Path or file:// address of a video. */
  readonly video: string;
  readonly options?: SegmentOptionsInput;
  /** Default from the video and the options: the same job started twice is one job. */
  readonly id?: string;
  /** File of prompts (docs/prompts.md), and an indexed PNG with the objects of the first frame. */
  readonly prompts?: string;
  readonly firstFrameMask?: string;
  /** 1 (first) to 5 (last). */
  readonly priority?: number;
  /** Told of what is fetched or left out. */
  readonly onNote?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** What a job found: how many objects, on how many frames. */
export type FinishedJob = Pick<SegmentVideoResult, 'objects' | 'frames'>;

/** What a correction did: its first and last line in the trail, objects before and now, edits that hold. */
export type CorrectedJob = Omit<CorrectionDone, 'state' | 'manifest'>;

/**
 * Connect to a Temporal server, for which `vamg worker`s work, and to their store.
 * @throws VamgError SetupMissing when the server does not answer, BadConfig
 */
export async function connectJobs(options: ConnectOptions): Promise<Jobs> {
  const scratch = path.resolve(options.scratch ?? path.join(tmpdir(), 'video-amg'));
  const store = options.store.includes('://') ? options.store : path.resolve(options.store);
  const config = loadConfig().loadConfig({ ...process.env, VAMG_STORE: store, VAMG_SCRATCH: scratch, ...(options.queuePrefix !== undefined && { VAMG_QUEUE_PREFIX: options.queuePrefix }) });
  const opened = await loadOpenStore().openStore(store, { cacheDir: path.join(scratch, 'videos') });
  const artefacts = new (loadArtefactStore().ArtefactStore)(opened.store, scratch);
  const client = await loadJobClient().createJobClient({ config, artefacts, ...(options.address !== undefined && { address: options.address }) });
  return new Jobs(client, artefacts, opened.sources, store);
}

/** Starts, follows and steers segmentation jobs of a Temporal server, by their ID. */
export class Jobs {
  /** @internal made by connectJobs */
  constructor(
    private readonly client: JobClient,
    private readonly artefacts: ArtefactStore,
    private readonly sources: SourceRegistry,
    private readonly store: string,
  ) {}

  /**
   * Read the video, have the model, store the job and start it; or join the one that runs, or has ended, under this ID. Everything that can
   * be wrong with the video or the options is found here. @throws VamgError PoisonVideo, BadConfig, …
   */
  async start(request: JobRequest): Promise<StartedJob> {
    const { artefacts, sources, store } = this;
    const record = await loadPrepareJob().prepareJob({
      input: request.video,
      options: segmentOptions(request.options),
      id: request.id,
      out: undefined,
      given: { prompts: request.prompts, firstFrameMask: request.firstFrameMask },
      storeUrl: store,
      artefacts,
      sources,
      note: (text) => request.onNote?.(text),
      signal: request.signal ?? new AbortController().signal,
    });
    const spec = await artefacts.readJson(record.job, jobSpecSchema);
    return await this.client.startJob({ id: record.id, spec, ...(request.priority !== undefined && { priority: request.priority }) });
  }

  /** Where a job stands. @throws VamgError NotFound */
  async progress(id: string): Promise<JobProgress> {
    return await this.client.progress(id);
  }

  /**
   * Where a job stands, chunk by chunk: what runs on which worker and how fast, what fails and what to do about it, and which
   * queues have work and no worker. Asks more of the server than `progress`. @throws VamgError NotFound
   */
  async inspect(id: string): Promise<JobReport> {
    return await this.client.inspect(id);
  }

  /** Where a job stands, again and again until it has ended; the last one says how. @throws VamgError NotFound; the signal's reason */
  async *follow(id: string, { everyMs = 1000, signal }: { readonly everyMs?: number; readonly signal?: AbortSignal } = {}): AsyncGenerator<JobProgress, void, undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const progress = await this.client.progress(id);
      yield progress;
      if (progress.status !== 'running') return;
      await sleep(everyMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Wait until a job has ended well; its objects as they are corrected now. @throws VamgError why it failed, Cancelled, NotFound; the signal's reason */
  async wait(id: string, signal?: AbortSignal): Promise<FinishedJob> {
    const { objects, frames } = await this.client.wait(id, signal);
    return { objects, frames };
  }

  /**
   * Wait for a job and write its result folder, as `vamg segment` does: it is complete or absent, with all corrections. A former result there is replaced, except one with edits that
   * the stored one does not have.
   * @throws VamgError as wait; BadConfig when something else lies there; CorruptArtifact when the stored result is damaged, which `start` mends
   */
  async writeResult(id: string, folder: string, signal?: AbortSignal): Promise<void> {
    const { manifest } = await this.client.wait(id, signal);
    await loadMaterialise().materialise(this.artefacts, manifest, path.resolve(folder));
  }

  /**
   * Correct the result of a job where it is stored, for everybody who fetches it: merge, split, delete, rename and label objects, or take the
   * last edit back (docs/corrections.md). A job that still runs does it once it has a result, and this waits for that.
   * @param options.correction the same correction sent again under the same ID is done once
   * @throws VamgError BadConfig for an edit that does not fit, NotFound without a result, why the job failed; the signal's reason
   */
  async correct(id: string, request: CorrectionRequest, options: { readonly correction?: string; readonly signal?: AbortSignal } = {}): Promise<CorrectedJob> {
    const { correction, signal } = options;
    const { state: _state, manifest: _manifest, ...done } = await this.client.correct(id, { request, ...(correction !== undefined && { correction }) }, signal);
    return done;
  }

  /** Everything that was ever done to the result of a job, in order; what was taken back too. @throws VamgError NotFound */
  async corrections(id: string): Promise<readonly TrailLine[]> {
    const job = await this.client.specOf(id);
    if (job === null) throw new VamgError('NotFound', `There is no job "${id}" on this server.`);
    return (await loadCorrectedResult().readCorrections(this.artefacts, job)).trail;
  }

  /** Start nothing new until `resume`; what runs goes on. @throws VamgError NotFound */
  async pause(id: string): Promise<void> {
    await this.client.pause(id);
  }

  async resume(id: string): Promise<void> {
    await this.client.resume(id);
  }

  /** Ask a job to stop; `wait` tells when it has. @throws VamgError NotFound */
  async cancel(id: string): Promise<void> {
    await this.client.cancel(id);
  }

  /** Newest first. */
  async list(limit = 100): Promise<JobListing[]> {
    return await this.client.list(limit);
  }

  /** Close the connection. */
  async close(): Promise<void> {
    await this.client.close();
  }
}
