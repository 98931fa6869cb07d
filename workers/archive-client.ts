import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { ArchiveRecords } from '../adapters/archive/archive-records';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import { sha256Hex } from '../adapters/store/hash-file';
import { archiveSpecSchema, type ArchiveSpec } from '../contracts/archive';
import { SEGMENT_ARCHIVE_WORKFLOW, type ArchiveBudget, type ArchivePolicy, type ArchiveProgress, type SegmentArchiveInput, type SegmentArchiveResult } from '../contracts/archive-messages';
import { VamgError } from '../contracts/errors';
import { taskQueueName } from '../contracts/messages';
import { archiveKey } from '../core/pipeline/archive-key';
import { canonicalJson } from '../core/pipeline/canonical-json';
import type { AppConfig } from './config';
import type { JobClient } from './job-client';
import { jobStatus, type JobProgress, type JobStatus } from './job-progress';
import { orNotFound, WorkflowRuns } from './workflow-runs';

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
const PREFIX = 'archive-';
const SHOWN_VIDEOS = 8;

/** Workflow ID of a run. A schedule appends the time: `archive-nightly-2026-11-18T02:30:00Z`. @throws VamgError BadConfig */
export function archiveWorkflowId(id: string): string {
  if (!ID.test(id)) throw new VamgError('BadConfig', `"${id.slice(0, 60)}" cannot be the ID of an archive; use lower-case letters, digits, dots, dashes and underscores.`);
  return `${PREFIX}${id}`;
}

/** Store an archive and make the input of its workflow. */
export async function archiveInput(
  spec: ArchiveSpec,
  { parallel, budget, policy, priority }: ArchiveRunSettings,
  { artefacts, config, searchAttributes }: { readonly artefacts: ArtefactStore; readonly config: AppConfig; readonly searchAttributes: boolean },
): Promise<SegmentArchiveInput> {
  const archive = await artefacts.putData(Buffer.from(canonicalJson(archiveSpecSchema.parse(spec))));
  const key = archiveKey(spec, sha256Hex);
  await new ArchiveRecords(artefacts.objects, key).keepSpec(archive);
  const { planning, output } = spec.options;
  const video = { parallel: planning.parallel, overlay: output.overlay, viewer: output.viewer, model: spec.model.name, heartbeatTimeout: config.temporal.workers.heartbeatTimeout };
  return { schemaVersion: 1, archive, archiveKey: key, parallel, budget, policy, video, queuePrefix: config.queuePrefix, searchAttributes, priorityKey: priority };
}

/** Start, watch and steer runs through archives by their id. */
export class ArchiveClient extends WorkflowRuns {
  constructor(
    private readonly jobs: JobClient,
    private readonly queuePrefix: string,
  ) {
    super(jobs.client, { type: SEGMENT_ARCHIVE_WORKFLOW, prefix: PREFIX, workflowId: archiveWorkflowId });
  }

  /** Start a run, or find the one that is on its way. @throws VamgError BadConfig when that one is through another archive */
  async start(id: string, input: SegmentArchiveInput): Promise<'started' | 'attached'> {
    const searchAttributes = await this.jobs.hasSearchAttributes();
    try {
      await this.client.workflow.start(SEGMENT_ARCHIVE_WORKFLOW, {
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
}
