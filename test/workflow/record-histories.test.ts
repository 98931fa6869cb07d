import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
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
      const show = ['workflow', 'show', '--address', env.address, '--workflow-id', handle.workflowId, '--run-id', handle.firstExecutionRunId, '--output', 'json'];
      const history: unknown = JSON.parse(execFileSync(process.env['TEMPORAL_CLI_PATH'] ?? 'temporal', show, { encoding: 'utf8', maxBuffer: 64 << 20 }));
      writeFileSync(path.join(FOLDER, `segment-video--${VERSION}--${name}.json`), `${JSON.stringify(history).replaceAll(`${process.cwd()}/`, '')}\n`);
    });
  }

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
