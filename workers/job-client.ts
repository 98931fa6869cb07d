import { setTimeout as sleep } from 'node:timers/promises';
import { Client, isGrpcServiceError, WorkflowExecutionAlreadyStartedError, type WorkflowExecutionDescription, type WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey, type WorkflowIdReusePolicy } from '@temporalio/common';
import { newestResult } from '../adapters/results/corrected-result';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import { orNull } from '../adapters/store/object-store';
import { jobSpecSchema, type JobSpec } from '../contracts/artefacts';
import { VamgError } from '../contracts/errors';
import { PROGRESS_QUERY, SEGMENT_VIDEO_WORKFLOW, taskQueueName, type CorrectionDone, type SegmentProgress, type SegmentVideoInput, type SegmentVideoResult } from '../contracts/messages';
import { canonicalJson } from '../core/pipeline/canonical-json';
import type { AppConfig } from './config';
import { connectClient, connectionSettings } from './connect';
import { dataConverter } from './data-converter';
import { ensureNamespace, ensureSearchAttributes, missingSearchAttributes } from './ensure-namespace';
import { inspectJob, type JobReport } from './inspect-job';
import { correctJob, type WantedCorrection } from './correct-job';
import { jobFailure } from './job-failure';
import { jobStatus, progressFraction, runningSteps, type JobProgress } from './job-progress';
import { startTracing } from './tracing/tracing';
import { untilAborted } from './until-aborted';
import { orNotFound, WorkflowRuns } from './workflow-runs';

export interface StartJobRequest {
  readonly spec: JobSpec;
  readonly id: string;
  /** 1 (first) to 5 (last). */
  readonly priority?: number;
  /** Only stitch what an earlier job has tracked (see SegmentVideoInput). */
  readonly stitchOnly?: boolean;
}

export interface StartedJob {
  readonly id: string;
  /** attached: it runs already; finished: an earlier run ended well and its result stands. */
  readonly outcome: 'started' | 'attached' | 'finished';
}

export interface JobClientOptions {
  readonly config: AppConfig;
  /** Where job specs are stored; needed by startJob only. */
  readonly artefacts?: ArtefactStore;
  /** Address of the dev server; the environment decides when absent. */
  readonly address?: string;
}

const ID = /^[a-z0-9][a-z0-9._-]{0,127}$/;
const GRPC_UNAVAILABLE = [1, 4, 14];
const WAIT_RETRY_MS = 1000;
const QUERY_MS = 5000;
const VIDEO_ID = defineSearchAttributeKey('VideoId', 'KEYWORD');
const MODEL = defineSearchAttributeKey('Model', 'KEYWORD');

/** Connect. @throws VamgError SetupMissing, BadConfig */
export async function createJobClient(options: JobClientOptions): Promise<JobClient> {
  const settings = connectionSettings(options.address);
  const connection = await connectClient(settings);
  const namespace = settings.namespace ?? options.config.temporal.namespace.name;
  const tracing = startTracing({ service: 'video-amg' });
  const interceptors = tracing === null ? {} : { interceptors: { workflow: [tracing.traceStart] } };
  return new JobClient(options, new Client({ connection, namespace, ...dataConverter(), ...interceptors }), namespace);
}

const PREFIX = 'segment-';

/** Start, watch and steer segmentation jobs by their id; the workflow id is `segment-<id>`. */
export class JobClient extends WorkflowRuns {
  #hasSearchAttributes: boolean | null = null;
  /** Calls whose answer is still awaited. */
  readonly #open = new Set<Promise<unknown>>();

  constructor(
    private readonly options: JobClientOptions,
    client: Client,
    readonly namespace: string,
  ) {
    super(client, { type: SEGMENT_VIDEO_WORKFLOW, prefix: PREFIX, workflowId });
  }

  /**
   * Start a job, or find the one that runs or has finished under this id. One that failed or was cancelled, or whose result is damaged
   * in the store, starts again, and finds what else it had stored. @throws VamgError BadConfig when the id belongs to a job with another video or other options
   */
  async startJob({ spec, id, priority, stitchOnly }: StartJobRequest): Promise<StartedJob> {
    const artefacts = this.options.artefacts;
    if (artefacts === undefined) throw new VamgError('Internal', 'This job client was made without a store.');
    const job = await artefacts.putData(Buffer.from(canonicalJson(jobSpecSchema.parse(spec))));
    const { config } = this.options;
    const searchAttributes = await this.hasSearchAttributes();
    const input: SegmentVideoInput = {
      schemaVersion: 1,
      job,
      videoId: spec.videoId,
      parallel: spec.options.planning.parallel,
      overlay: spec.options.output.overlay,
      viewer: spec.options.output.viewer,
      queuePrefix: config.queuePrefix,
      searchAttributes,
      heartbeatTimeout: config.temporal.workers.heartbeatTimeout,
      ...(priority !== undefined && { priorityKey: priority }),
      ...(stitchOnly === true && { stitchOnly }),
    };
    const start = async (workflowIdReusePolicy: WorkflowIdReusePolicy): Promise<StartedJob> => {
      await this.client.workflow.start(SEGMENT_VIDEO_WORKFLOW, {
        workflowId: workflowId(id),
        taskQueue: taskQueueName(config.queuePrefix, 'control'),
        args: [input],
        workflowIdReusePolicy,
        workflowIdConflictPolicy: 'FAIL',
        memo: { job: job.sha256 },
        ...(searchAttributes && { typedSearchAttributes: [{ key: VIDEO_ID, value: spec.videoId }, { key: MODEL, value: spec.model.name }] }),
      });
      return { id, outcome: 'started' };
    };
    try {
      return await start('ALLOW_DUPLICATE_FAILED_ONLY');
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const outcome = await this.attach(id, job.sha256);
    if (outcome === 'attached' || (await this.isResultWhole(id, artefacts))) return { id, outcome };
    try {
      return await start('ALLOW_DUPLICATE');
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return { id, outcome: 'attached' };
    }
  }

  /** Corrections are made from the result as it was published, so that has to be whole too. */
  private async isResultWhole(id: string, artefacts: ArtefactStore): Promise<boolean> {
    const { manifest } = await this.published(id);
    try {
      const newest = (await this.wait(id)).manifest;
      for (const ref of newest.sha256 === manifest.sha256 ? [manifest] : [manifest, newest]) await artefacts.verify({ stage: 'publish', ref });
      return true;
    } catch (error) {
      if (!(error instanceof VamgError) || error.failure !== 'CorruptArtifact') throw error;
      return false;
    }
  }

  /** Where a job stands. @throws VamgError NotFound */
  async progress(id: string): Promise<JobProgress> {
    return (await this.look(id)).progress;
  }

  /** Where a job stands, chunk by chunk, with what fails and why. Asks more of the server than `progress`. @throws VamgError NotFound */
  async inspect(id: string): Promise<JobReport> {
    const { client, namespace } = this;
    return await this.untilAnswered(inspectJob({ client, namespace, handle: this.handle(id), ...(await this.look(id)) }));
  }

  private async look(id: string): Promise<{ description: WorkflowExecutionDescription; progress: JobProgress }> {
    const handle = this.handle(id);
    const description = await orNotFound(id, this.untilAnswered(handle.describe()));
    const status = jobStatus(description.status.name);
    const steps = status === 'running' ? await runningSteps(description) : [];
    const workflow = await this.ask<SegmentProgress>(handle);
    return { description, progress: { id, status, workflow, steps, fraction: progressFraction(status, workflow, steps) } };
  }

  /** Answer of a workflow's progress query; null when no worker gives one: the server would let us wait. */
  async ask<T>(handle: WorkflowHandle): Promise<T | null> {
    const query = (): Promise<T> => handle.query<T>(PROGRESS_QUERY);
    return await this.untilAnswered(this.client.connection.withDeadline(Date.now() + QUERY_MS, query)).catch(() => null);
  }

  /**
   * The result of a job, waiting for it, with all corrections that it has now.
   * @throws VamgError why it failed, CorruptArtifact when the corrected result is not in the store any more, which `startJob` mends; the signal's reason
   */
  async wait(id: string, signal?: AbortSignal): Promise<SegmentVideoResult> {
    const result = await this.published(id, signal);
    const { artefacts } = this.options;
    if (artefacts === undefined) return result;
    const job = await this.specOf(id);
    return job === null ? result : await newestResult(artefacts, job, result);
  }

  /** Correct the result of a job that runs or has ended; see correctJob. */
  async correct(id: string, correction: WantedCorrection, signal?: AbortSignal): Promise<CorrectionDone> {
    return await correctJob({ jobs: this, config: this.options.config, artefacts: this.options.artefacts }, id, correction, signal);
  }

  /** sha256 of a job's stored specification; null when the server does not know the job any more. */
  async specOf(id: string): Promise<string | null> {
    const description = await orNull(orNotFound(id, this.untilAnswered(this.handle(id).describe())));
    const spec = description?.memo?.['job'];
    return typeof spec === 'string' ? spec : null;
  }

  /** The result as the workflow of the job gave it. */
  private async published(id: string, signal?: AbortSignal): Promise<SegmentVideoResult> {
    return (await this.waitFor(this.handle(id), id, signal)) as SegmentVideoResult;
  }

  /** The result of any workflow of ours; the server may be gone for a while. @throws as wait */
  async waitFor(handle: WorkflowHandle, id: string, signal?: AbortSignal): Promise<unknown> {
    for (;;) {
      signal?.throwIfAborted();
      try {
        return await orNotFound(id, untilAborted(this.untilAnswered(handle.result()), signal));
      } catch (error) {
        const isServerGone = isGrpcServiceError(error) && GRPC_UNAVAILABLE.includes(error.code as number);
        if (!isServerGone) throw jobFailure(error);
        await sleep(WAIT_RETRY_MS);
      }
    }
  }

  /** Create namespace and search attributes (dev server, `vamg doctor --fix`). */
  async ensureNamespace(): Promise<void> {
    await ensureNamespace(this.client.connection as never, this.namespace, this.options.config.temporal);
    await ensureSearchAttributes(this.client.connection as never, this.namespace, this.options.config.temporal);
    this.#hasSearchAttributes = null;
  }

  /**
   * Close the connection once nothing is awaited from it any more: the SDK would start to repeat an unanswered call on a closed
   * channel, from a timer, and end the process with an uncaught error. What a server that is gone never answers stays open.
   */
  async close(): Promise<void> {
    if (this.#open.size === 0) return await this.client.connection.close();
    void Promise.allSettled(this.#open).then(() => this.close());
  }

  /** Remembers a call until it is answered; `close` waits for those. */
  untilAnswered<T>(call: Promise<T>): Promise<T> {
    this.#open.add(call);
    const done = (): void => void this.#open.delete(call);
    call.then(done, done);
    return call;
  }

  private async attach(id: string, jobSha256: string): Promise<'attached' | 'finished'> {
    const description = await this.handle(id).describe();
    const known = description.memo?.['job'];
    if (known !== jobSha256) throw new VamgError('BadConfig', `The ID "${id}" belongs to a job with another video or other options; choose another with --id.`);
    return jobStatus(description.status.name) === 'running' ? 'attached' : 'finished';
  }

  /** Without the right to ask, or without the attributes, jobs simply carry none. */
  async hasSearchAttributes(): Promise<boolean> {
    this.#hasSearchAttributes ??= await missingSearchAttributes(this.client.connection as never, this.namespace, this.options.config.temporal).then(
      (missing) => missing.length === 0,
      () => false,
    );
    return this.#hasSearchAttributes;
  }
}

/** @throws VamgError BadConfig for ids with other characters */
export function workflowId(id: string): string {
  if (!ID.test(id)) throw new VamgError('BadConfig', `"${id.slice(0, 60)}" cannot be an ID; use lower-case letters, digits, dots, dashes and underscores.`);
  return `${PREFIX}${id}`;
}
