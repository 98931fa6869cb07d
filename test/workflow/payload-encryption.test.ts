import { randomBytes } from 'node:crypto';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { taskQueueName } from '../../contracts/messages';
import { loadConfig } from '../../workers/config';
import { createWorkers } from '../../workers/create-workers';
import { dataConverter } from '../../workers/data-converter';
import { jobFailure } from '../../workers/job-failure';
import { runningSteps } from '../../workers/job-progress';
import { historyTexts } from '../support/history-texts';
import { FakeStages } from './support/fake-stages';
import { eventually, segmentInput } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const SECRET = 'holiday-of-the-minister';

describe('with VAMG_PAYLOAD_KEYS', () => {
  let env: TestWorkflowEnvironment;
  const before = process.env['VAMG_PAYLOAD_KEYS'];
  const [oldKey, newKey] = [`old:${randomBytes(32).toString('base64')}`, `new:${randomBytes(32).toString('base64')}`];

  beforeAll(async () => {
    process.env['VAMG_PAYLOAD_KEYS'] = `${newKey},${oldKey}`;
    env = await startTestServer();
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['VAMG_PAYLOAD_KEYS'];
    else process.env['VAMG_PAYLOAD_KEYS'] = before;
    await env?.teardown();
  });

  test('histories hold no plain text: not of inputs, results, heartbeats, memo, nor failures; progress and failures are read as ever, also across a change of keys', async () => {
    const config = loadConfig({ VAMG_QUEUE_PREFIX: `crypt-${process.pid}` });
    let isFailing = true;
    const stages = new FakeStages({
      chunkCount: 1,
      during: async (stage, _chunk, attempt) => {
        if (stage !== 'track') return;
        Context.current().heartbeat({ stage: 'track', chunk: 0, done: 3, total: 10, objects: 1, inferenceMs: 5, note: SECRET });
        if (attempt === 1) throw ApplicationFailure.create({ message: `"${SECRET}.mp4" was not there yet`, type: 'StoreUnavailable', details: [SECRET] });
        await eventually(() => !isFailing, 60_000);
        throw ApplicationFailure.nonRetryable(`"${SECRET}.mp4" cannot be decoded`, 'PoisonChunk');
      },
    });
    const activities = stages.activities();
    const workers = await createWorkers({ config, connection: env.nativeConnection, namespace: 'default', activities: { control: activities, media: activities, inference: activities } });
    const running = workers.map((worker) => worker.run());
    try {
      // A client that still encrypts with the old key.
      const client = new Client({ connection: env.connection, ...dataConverter({ VAMG_PAYLOAD_KEYS: `${oldKey},${newKey}` }) });
      const input = segmentInput({ queuePrefix: config.queuePrefix, job: { key: `v1/data/${SECRET}`, sha256: 'a'.repeat(64), bytes: 1 } });
      const handle = await client.workflow.start('segmentVideo', { workflowId: 'encrypted', taskQueue: taskQueueName(config.queuePrefix, 'control'), args: [input], memo: { job: SECRET } });
      await eventually(async () => (await runningSteps(await handle.describe())).some((step) => step.attempt === 2), 60_000);
      const [step] = await runningSteps(await handle.describe());
      expect(step).toMatchObject({ step: 'track', lastFailure: 'StoreUnavailable', lastFailureMessage: `"${SECRET}.mp4" was not there yet`, details: { done: 3 } });
      expect((await handle.describe()).memo).toEqual({ job: SECRET });
      expect(await handle.query('progress')).toMatchObject({ phase: 'chunks' });
      isFailing = false;
      const failure = await handle.result().then(() => null, jobFailure);
      expect(failure).toMatchObject({ failure: 'PoisonChunk', message: `"${SECRET}.mp4" cannot be decoded` });

      // The server's own view, every payload taken apart.
      const history = await handle.fetchHistory();
      const seen = historyTexts(history).join('\n');
      expect(seen).toContain('encryption-key-id');
      expect(seen).toContain('binary/encrypted');
      expect(seen).not.toContain(SECRET);
      expect(seen).not.toContain('json/plain');
    } finally {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    }
  });
});
