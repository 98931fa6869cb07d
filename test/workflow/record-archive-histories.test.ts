import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import type { SegmentArchiveInput } from '../../contracts/archive-messages';
import { loadConfig } from '../../workers/config';
import { ArchiveSchedules } from '../../workers/archive-schedules';
import { archiveInput, archiveProgress, withArchiveWorkers, withArchiveWorkflow, type ArchiveHandle } from './support/archive-harness';
import { FakeArchive, type FakeVideo } from './support/fake-archive';
import { eventually } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const FOLDER = path.join(__dirname, '..', 'replay', 'histories');
/** Raise when the workflow changes on purpose in a way that old runs cannot follow; keep the old files while such runs exist. */
const VERSION = 'v1';

/** As record-histories.test.ts, for the archive workflow. */
(process.env['RECORD_HISTORIES'] === '1' ? describe : describe.skip)('recording histories of archives', () => {
  let env: TestWorkflowEnvironment;
  let workflowBundle: WorkflowBundleOption;

  beforeAll(async () => {
    const silent = (): void => undefined;
    workflowBundle = await bundleWorkflowCode({ workflowsPath: path.join(__dirname, 'support', 'archive-workflows.ts'), logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent } });
    env = await startTestServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=150']);
  });
  afterAll(async () => await env?.teardown());

  function write(name: string, workflowId: string, runId?: string): void {
    const show = ['workflow', 'show', '--address', env.address, '--workflow-id', workflowId, ...(runId === undefined ? [] : ['--run-id', runId]), '--output', 'json'];
    const history: unknown = JSON.parse(execFileSync(process.env['TEMPORAL_CLI_PATH'] ?? 'temporal', show, { encoding: 'utf8', maxBuffer: 64 << 20 }));
    writeFileSync(path.join(FOLDER, `segment-archive--${VERSION}--${name}.json`), `${JSON.stringify(history).replaceAll(`${process.cwd()}/`, '')}\n`);
  }

  async function record(name: string, does: readonly string[], change: Partial<SegmentArchiveInput> = {}, during: (handle: ArchiveHandle) => Promise<void> = async () => undefined): Promise<void> {
    const archive = new FakeArchive(does.map((what, i): FakeVideo => ({ name: `${name}-${i}`, does: what })), { pageSize: 4 });
    await withArchiveWorkflow({ env, workflowBundle, archive }, archiveInput({ ...change, queuePrefix: `replay-${name}` }), async (handle) => {
      await during(handle);
      await handle.result().catch(() => undefined);
      write(name, handle.workflowId, handle.firstExecutionRunId);
    });
  }

  const ok = (count: number): string[] => Array<string>(count).fill('ok');

  test('completed', async () => await record('completed', ok(6)));
  test('failures', async () => await record('failures', ['ok', 'fail:PoisonVideo', 'fail:InferenceFailed', 'prepare:quarantined', 'prepare:!Internal', 'prepare:gone']));
  test('over budget', async () => await record('over-budget', ok(9), { parallel: 1, budget: { videos: 2, seconds: null, bytes: null } }));
  test('set-up failed', async () => await record('set-up-failed', ['sleep:300', 'fail:BadConfig', ...ok(4)], { parallel: 2 }));
  test('continued as new', async () => await record('continued-as-new', ok(20), { searchAttributes: true }));

  test('cancelled', async () => {
    await record('cancelled', ['ok', 'hold', 'hold'], { parallel: 2 }, async (handle) => {
      await eventually(async () => await env.client.workflow.getHandle('segment-cancelled-2').describe().then(({ status }) => status.name === 'RUNNING', () => false));
      await handle.cancel();
    });
  });

  test('paused', async () => {
    await record('paused', ['paused', 'ok'], { parallel: 1 }, async (handle) => {
      await eventually(async () => (await archiveProgress(handle)).atWork.length === 1);
      await handle.signal('pause');
      await eventually(async () => (await env.client.workflow.getHandle('segment-paused-0').query<string[]>('heard').catch(() => [] as string[])).includes('pause'));
      await handle.signal('resume');
    });
  });

  test('scheduled', async () => {
    const input = archiveInput({ queuePrefix: 'replay-scheduled' });
    const schedules = new ArchiveSchedules({ client: env.client, queuePrefix: 'replay-scheduled' });
    await withArchiveWorkers({ env, workflowBundle, archive: new FakeArchive([{ name: 'scheduled-0', does: 'ok' }]) }, input, async () => {
      await schedules.create({ name: 'replay', times: { kind: 'daily', hour: 2, minute: 30, days: [] }, settings: loadConfig({}).temporal.schedules, input, about: { source: 's3://a', dest: 's3://b' }, isPaused: false });
      const workflowId = `archive-${await schedules.trigger('replay')}`;
      await env.client.workflow.getHandle(workflowId).result();
      write('scheduled', workflowId);
    });
  });
});
