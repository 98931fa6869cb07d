import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createArchiveControlActivities } from '../../../activities/archive-control-activities';
import { createArchiveMediaActivities } from '../../../activities/archive-media-activities';
import { PromisedVideos } from '../../../activities/promised-videos';
import { createOpenArchive } from '../../../adapters/archive/open-archive';
import { ArtefactStore } from '../../../adapters/store/artefact-store';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { FileSourceRegistry } from '../../../adapters/store/source-registry';
import { NO_COUNTS, NOTHING_SPENT, type ArchiveControlActivities, type ArchiveMediaActivities, type ArchivePolicy, type PlanPageResult, type PrepareVideoResult } from '../../../contracts/archive-messages';
import { archiveReportSchema, type ArchiveReport, type ArchiveSpec } from '../../../contracts/archive';
import { VamgError } from '../../../contracts/errors';
import type { ObjectRef } from '../../../contracts/object-ref';
import { resolveSegmentOptions } from '../../../contracts/segment-options';
import { canonicalJson } from '../../../core/pipeline/canonical-json';
import { INFO } from '../activities/activity-world';

type Activities = ArchiveControlActivities & ArchiveMediaActivities;

/** What happened to one video in a run of the world. */
export type Outcome = PrepareVideoResult['state'] | 'done' | 'failed' | 'skipped on the page';

/** An archive in temporary folders, with the real activities; files that begin with "bad" are no videos. */
export class ArchiveWorld {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'vamg-archive-')));
  readonly objects = new MemoryStore();
  readonly artefacts = new ArtefactStore(this.objects, path.join(this.folder, 'scratch'));
  readonly activities: Activities;
  policy: ArchivePolicy = { quarantineAfter: 2, retryQuarantined: false, redoOutdated: false };
  /** Catalogue name with which the workflow of a video fails, by name. */
  readonly failing = new Map<string, string>();
  archive!: ObjectRef;
  readonly promised = new PromisedVideos();
  /** Videos whose content was read. */
  readonly probed: string[] = [];
  /** Jobs of the videos that were to be segmented. */
  readonly jobs: ObjectRef[] = [];

  constructor() {
    const openArchive = createOpenArchive({ fetchFolder: path.join(this.folder, 'fetched'), scratchRoot: path.join(this.folder, 'scratch') });
    const probe = async (file: string) => {
      this.probed.push(path.basename(file));
      if (path.basename(file).startsWith('bad')) throw new VamgError('PoisonVideo', `The video ${path.basename(file)} is not a video.`);
      return INFO;
    };
    const deps = { artefacts: this.artefacts, openArchive, sources: new FileSourceRegistry(path.join(this.folder, 'sources')), probe, promised: this.promised };
    this.activities = { ...createArchiveControlActivities(deps), ...createArchiveMediaActivities(deps) };
    mkdirSync(this.path('films'));
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  put(name: string, text: string): void {
    mkdirSync(path.dirname(this.path(`films/${name}`)), { recursive: true });
    writeFileSync(this.path(`films/${name}`), text);
  }

  async open(change: Partial<ArchiveSpec> = {}): Promise<void> {
    const address = (name: string): string => pathToFileURL(this.path(name)).href;
    const spec: ArchiveSpec = { schemaVersion: 1, source: address('films'), dest: address('out'), options: resolveSegmentOptions({ preset: 'draft' }), model: { name: 'm', sha256: 's' }, ...change };
    this.archive = await this.artefacts.putData(Buffer.from(canonicalJson(spec)));
  }

  async call<N extends keyof Activities>(name: N, input: Parameters<Activities[N]>[0]): Promise<Awaited<ReturnType<Activities[N]>>> {
    return (await new MockActivityEnvironment().run(this.activities[name] as never, input)) as Awaited<ReturnType<Activities[N]>>;
  }

  async plan(run: string, after: ObjectRef | null = null): Promise<PlanPageResult> {
    return await this.call('planArchivePage', { archive: this.archive, run, policy: this.policy, after });
  }

  /** What the workflow does, one video after another. */
  async run(run: string): Promise<{ page: PlanPageResult; outcomes: Outcome[]; report: ArchiveReport }> {
    const { archive, policy } = this;
    const page = await this.plan(run);
    const outcomes: Outcome[] = [];
    for (let index = 0; index < page.todo; index++) {
      const at = { archive, run, page: page.page, index };
      const prepared = await this.call('prepareArchiveVideo', { ...at, policy });
      if (prepared.state !== 'run') {
        outcomes.push(prepared.state);
        continue;
      }
      this.jobs.push(prepared.job);
      const failure = [...this.failing].find(([name]) => prepared.jobId.startsWith(name))?.[1];
      if (failure === undefined) outcomes.push((await this.call('publishArchiveVideo', { ...at, jobId: prepared.jobId, job: prepared.job, manifest: await this.manifest(), objects: 3 })).state);
      else outcomes.push((await this.call('recordArchiveFailure', { ...at, jobId: prepared.jobId, failure, reason: `${failure} on purpose`, quarantineAfter: policy.quarantineAfter })).state);
    }
    const input = { archive, run, night: null, startedAtMs: 0, endedAtMs: 1000, endedBy: 'end', failure: null, counts: NO_COUNTS, spent: NOTHING_SPENT } as const;
    const { report } = await this.call('reportArchive', input);
    return { page, outcomes, report: await this.artefacts.readJson(report, archiveReportSchema) };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A result as the workflow of a video gives it. */
  private async manifest(): Promise<ObjectRef> {
    const files = { 'masks.jsonl': await this.artefacts.putData(Buffer.from('')), 'result.json': await this.artefacts.putData(Buffer.from('{"schemaVersion":1}')) };
    return await this.artefacts.putData(Buffer.from(JSON.stringify({ schemaVersion: 1, files })));
  }
}
