import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import { sha256Hex } from '../adapters/store/hash-file';
import { archiveSpecSchema, type ArchiveSpec } from '../contracts/archive';
import { SEGMENT_ARCHIVE_WORKFLOW, type ArchiveBudget, type ArchivePolicy, type ArchiveProgress, type SegmentArchiveInput, type SegmentArchiveResult } from '../contracts/archive-messages';
import { VamgError } from '../contracts/errors';
import { PAUSE_SIGNAL, RESUME_SIGNAL, taskQueueName } from '../contracts/messages';
import { archiveKey } from '../core/pipeline/archive-key';
import { canonicalJson } from '../core/pipeline/canonical-json';
import { orNotFound, type JobClient, type JobListing } from './job-client';
import { jobStatus, type JobProgress, type JobStatus } from './job-progress';

/** How a run goes through its archive; nothing of it changes a result. */
export interface ArchiveRunSettings {
  readonly parallel: number;
  readonly budget: ArchiveBudget;
  readonly policy: ArchivePolicy;
  readonly priority: number;
}

export interface ArchiveRunProgress {
  readonly id: string;
  readonly status: JobStatus;
  /** null when no control worker answers. */
  readonly workflow: ArchiveProgress | null;
  /** Of the videos at work, a few. */
  readonly videos: readonly JobProgress[];
}

const ID = /^[a-z0-9][a-z0-9._-]{0,127}(-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?$/;
const SHOWN_VIDEOS = 8;

/** Workflow ID of a run. A schedule appends the time: `archive-nightly-2026-11-18T02:30:00Z`. @throws VamgError BadConfig */
export function archiveWorkflowId(id: string): string {
  if (!ID.test(id)) throw new VamgError('BadConfig', `"${id.slice(0, 60)}" cannot be the ID of an archive; use lower-case letters, digits, dots, dashes and underscores.`);
  return `archive-${id}`;
}

/** Store an archive and make the input of its workflow. */
export async function archiveInput(
  spec: ArchiveSpec,
  { parallel, budget, policy, priority }: ArchiveRunSettings,
  { artefacts, queuePrefix, searchAttributes }: { readonly artefacts: ArtefactStore; readonly queuePrefix: string; readonly searchAttributes: boolean },
): Promise<SegmentArchiveInput> {
  const archive = await artefacts.putData(Buffer.from(canonicalJson(archiveSpecSchema.parse(spec))));
  const { planning, output } = spec.options;
  const video = { parallel: planning.parallel, overlay: output.overlay, viewer: output.viewer, model: spec.model.name };
  return { schemaVersion: 1, archive, archiveKey: archiveKey(spec, sha256Hex), parallel, budget, policy, video, queuePrefix, searchAttributes, priorityKey: priority };
}

/** Start, watch and steer runs through archives by their id. */
export class ArchiveClient {
  constructor(
    private readonly jobs: JobClient,
    private readonly queuePrefix: string,
  ) {}

  /** Start a run, or find the one that is on its way. @throws VamgError BadConfig when that one is through another archive */
  async start(id: string, input: SegmentArchiveInput): Promise<'started' | 'attached'> {
    const searchAttributes = await this.jobs.hasSearchAttributes();
    try {
      await this.jobs.client.workflow.start(SEGMENT_ARCHIVE_WORKFLOW, {
        workflowId: archiveWorkflowId(id),
        taskQueue: taskQueueName(this.queuePrefix, 'control'),
        args: [{ ...input, searchAttributes }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        memo: { archive: input.archive.sha256 },
        priority: { priorityKey: input.priorityKey, fairnessKey: input.archiveKey },
      });
      return 'started';
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { memo } = await this.jobs.untilAnswered(this.handle(id).describe());
      if (memo?.['archive'] !== input.archive.sha256) throw new VamgError('BadConfig', `A run "${id}" through another archive, or with other options, is on its way; wait for it, or choose another name with --id.`);
      return 'attached';
    }
  }

  /** True when there is, or was, a run with this id. */
  async exists(id: string): Promise<boolean> {
    if (!ID.test(id)) return false;
    try {
      await this.jobs.untilAnswered(this.handle(id).describe());
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Where a run stands. @throws VamgError NotFound */
  async progress(id: string): Promise<ArchiveRunProgress> {
    const description = await orNotFound(id, this.jobs.untilAnswered(this.handle(id).describe()));
    const status = jobStatus(description.status.name);
    const workflow = await this.jobs.ask<ArchiveProgress>(this.handle(id));
    const shown = status === 'running' ? (workflow?.atWork.slice(0, SHOWN_VIDEOS) ?? []) : [];
    const videos = await Promise.all(shown.map((job) => this.jobs.progress(job).catch(() => null)));
    return { id, status, workflow, videos: videos.filter((video) => video !== null) };
  }

  /** The result of a run, waiting for it. @throws VamgError why it failed; the signal's reason */
  async wait(id: string, signal?: AbortSignal): Promise<SegmentArchiveResult> {
    return (await this.jobs.waitFor(this.handle(id), id, signal)) as SegmentArchiveResult;
  }

  /** Start nothing new until `resume`, in the videos at work neither. */
  async pause(id: string): Promise<void> {
    await orNotFound(id, this.handle(id).signal(PAUSE_SIGNAL));
  }

  async resume(id: string): Promise<void> {
    await orNotFound(id, this.handle(id).signal(RESUME_SIGNAL));
  }

  /** Ask the run to stop, and its videos at work. */
  async cancel(id: string): Promise<void> {
    await orNotFound(id, this.handle(id).cancel());
  }

  /** Newest first. */
  async list(limit = 100): Promise<JobListing[]> {
    const runs: JobListing[] = [];
    for await (const info of this.jobs.client.workflow.list({ query: `WorkflowType = '${SEGMENT_ARCHIVE_WORKFLOW}'` })) {
      if (info.status.name !== 'CONTINUED_AS_NEW' && info.workflowId.startsWith('archive-'))
        runs.push({ id: info.workflowId.slice('archive-'.length), status: jobStatus(info.status.name), startedAt: info.startTime, closedAt: info.closeTime ?? null });
      if (runs.length >= limit) break;
    }
    return runs;
  }

  private handle(id: string): WorkflowHandle {
    return this.jobs.client.workflow.getHandle(archiveWorkflowId(id));
  }
}
