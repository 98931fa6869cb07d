import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { SegmentVideoInput } from '../../contracts/messages';
import { workflowBundle } from '../../workers/bundle';
import { fail, FakeStages, untilCancelled, type FakeStagesOptions } from './support/fake-stages';
import { eventually, segmentInput, withSegmentWorkflow, type Handle } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const FOLDER = path.join(__dirname, '..', 'replay', 'histories');
/** Raise when the workflow changes on purpose in a way that old runs cannot follow; keep the old files while such runs exist. */
const VERSION = 'v1';

/** Not a test of its own: writes the histories that test/replay replays. Run it once for each released change of the workflow. */
(process.env['RECORD_HISTORIES'] === '1' ? describe : describe.skip)('recording histories', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;
  beforeAll(async () => {
    bundle = await workflowBundle(path.join(__dirname, '..', '..'));
    env = await startTestServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=120']);
    mkdirSync(FOLDER, { recursive: true });
  });
  afterAll(async () => await env?.teardown());

  async function record(name: string, options: FakeStagesOptions, input: Partial<SegmentVideoInput> = {}, during: (handle: Handle, stages: FakeStages) => Promise<void> = async () => undefined): Promise<void> {
    const stages = new FakeStages(options);
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ searchAttributes: true, ...input, queuePrefix: `replay-${name}` }), async (handle) => {
      await during(handle, stages);
      await handle.result().catch(() => undefined);
      write(`segment-video--${VERSION}--${name}`, handle.workflowId, handle.firstExecutionRunId);
    });
  }

  /** @param runId the newest run when absent */
  function write(name: string, workflowId: string, runId?: string): void {
    const show = ['workflow', 'show', '--address', env.address, '--workflow-id', workflowId, ...(runId === undefined ? [] : ['--run-id', runId]), '--output', 'json'];
    const history: unknown = JSON.parse(execFileSync(process.env['TEMPORAL_CLI_PATH'] ?? 'temporal', show, { encoding: 'utf8', maxBuffer: 64 << 20 }));
    // Stacks of failures name this folder, and where its packages really are.
    const packages = path.join(realpathSync('node_modules'), '..');
    writeFileSync(path.join(FOLDER, `${name}.json`), `${JSON.stringify(history).replaceAll(`${process.cwd()}/`, '').replaceAll(`${packages}/`, '')}\n`);
  }

  const LABEL = { edits: [{ edit: 'label', id: 1, label: 'dog' }] };
  /** Asked for while chunks are detected. */
  async function ask(handle: Handle, stages: FakeStages, ids: readonly string[]): Promise<void> {
    await eventually(() => stages.count('detect') > 0);
    for (const updateId of ids) await handle.startUpdate('correct', { args: [LABEL], updateId, waitForStage: 'ACCEPTED' });
  }
  const slowly = (stage: string): Promise<void> => new Promise((resolve) => setTimeout(resolve, stage === 'detect' ? 300 : 0));

  test('corrected', async () => {
    const during = async (stage: string): Promise<unknown> => (stage === 'correct' ? fail('BadConfig', true) : await slowly(stage));
    await record('corrected', { chunkCount: 2, during: slowly }, {}, (handle, stages) => ask(handle, stages, ['one', 'two']));
    await record('correction-refused', { chunkCount: 2, during }, {}, (handle, stages) => ask(handle, stages, ['one']));
    await record('corrected-before', { chunkCount: 2, isPublished: true, hasCorrections: true });
  });

  test('corrected and continued as new', async () => {
    await record('correction-carried', { chunkCount: 20, during: (stage) => new Promise((resolve) => setTimeout(resolve, stage === 'detect' ? 50 : 0)) }, { parallel: 3 }, async (handle, stages) => {
      await ask(handle, stages, ['one']);
      await env.client.workflow.getHandle(handle.workflowId).result();
      write(`segment-video--${VERSION}--correction-carried-here`, handle.workflowId);
    });
  });

  test('corrected afterwards', async () => {
    const queuePrefix = 'replay-correct-video';
    const job = segmentInput().job;
    const stages = new FakeStages({ chunkCount: 1 });
    await withSegmentWorkflow(env, bundle, stages, segmentInput({ queuePrefix }), async () => {
      const asking = async (workflowId: string, updateId: string): Promise<unknown> =>
        await env.client.workflow.executeUpdateWithStart('correct', { args: [LABEL], updateId, startWorkflowOperation: new WithStartWorkflowOperation('correctVideo', { workflowId, taskQueue: `${queuePrefix}-control`, args: [{ schemaVersion: 1, job, queuePrefix, idleMs: 1000 }], workflowIdConflictPolicy: 'USE_EXISTING' }) });
      const short = 'correct-replay-short';
      await asking(short, 'one');
      await asking(short, 'two');
      await env.client.workflow.getHandle(short).result();
      write(`correct-video--${VERSION}--completed`, short);
      const long = 'correct-replay-long';
      await asking(long, 'update-0');
      const { runId } = await env.client.workflow.getHandle(long).describe();
      for (let i = 1; i < 20; i++) await asking(long, `update-${i}`);
      write(`correct-video--${VERSION}--continued-as-new`, long, runId);
      await asking(long, 'last');
      await env.client.workflow.getHandle(long).cancel();
      await env.client.workflow.getHandle(long).result().catch(() => undefined);
      write(`correct-video--${VERSION}--cancelled`, long);
    });
  });

  test('completed', async () => await record('completed', { chunkCount: 4 }));

  test('chains', async () => await record('chains', { chunkCount: 7, chains: '|++|++|' }, { parallel: 3 }));

  test('stitched again', async () => await record('stitched-again', { chunkCount: 3 }, { stitchOnly: true }));

  test('paused', async () => {
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    await record('paused', { chunkCount: 3, during: (stage) => pause(stage === 'detect' ? 200 : 0) }, {}, async (handle, stages) => {
      await eventually(() => stages.count('detect') > 0);
      await handle.signal('pause');
      await pause(600);
      await handle.signal('resume');
    });
  });

  test('cancelled', async () => {
    const during = async (stage: string): Promise<unknown> => (stage === 'detect' ? await untilCancelled(50, () => undefined) : undefined);
    await record('cancelled', { chunkCount: 3, during }, {}, async (handle, stages) => {
      await eventually(() => stages.count('detect') === 2);
      await handle.cancel();
    });
  });

  test('poison chunk', async () => {
    await record('poison-chunk', { chunkCount: 3, during: async (stage, chunk) => (stage === 'track' && chunk === 1 ? fail('PoisonChunk', true) : undefined) });
  });

  test('repaired', async () => {
    let damaged = 1;
    await record('repaired', { chunkCount: 2, during: async (stage) => (stage === 'match' && damaged-- > 0 ? fail('CorruptArtifact', false) : undefined) });
  });

  test('continued as new', async () => await record('continued-as-new', { chunkCount: 20 }, { parallel: 3 }));
});
