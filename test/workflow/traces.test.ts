import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ArtefactStore } from '../../adapters/store/artefact-store';
import { MemoryStore } from '../../adapters/store/memory-store';
import { VamgError } from '../../contracts/errors';
import { resolveSegmentOptions } from '../../contracts/segment-options';
import { loadConfig, type AppConfig } from '../../workers/config';
import { createWorkers } from '../../workers/create-workers';
import { createJobClient, type JobClient } from '../../workers/job-client';
import { startTracing } from '../../workers/tracing/tracing';
import { startCollector, type ReceivedSpan } from '../support/otlp-collector';
import { fail, FakeStages } from './support/fake-stages';
import { segmentInput } from './support/segment-harness';
import { startTestServer } from './support/test-server';

/**
 * The exporter loads `http` by `import()`, which Jest's sandbox refuses: here it sends the same bytes by `fetch`. The real one runs in
 * test/e2e/worker.test.ts.
 */
jest.mock('@opentelemetry/exporter-trace-otlp-http', () => {
  const { JsonTraceSerializer } = jest.requireActual<{ JsonTraceSerializer: { serializeRequest(spans: unknown): Uint8Array } }>('@opentelemetry/otlp-transformer');
  class OTLPTraceExporter {
    private readonly url = `${process.env['OTEL_EXPORTER_OTLP_ENDPOINT']}/v1/traces`;
    export(spans: unknown, done: (result: { code: number; error?: Error }) => void): void {
      fetch(this.url, { method: 'POST', body: Buffer.from(JsonTraceSerializer.serializeRequest(spans)) }).then(
        () => done({ code: 0 }),
        (error: Error) => done({ code: 1, error }),
      );
    }
    shutdown(): Promise<void> {
      return Promise.resolve();
    }
  }
  return { OTLPTraceExporter };
});

const VIDEO = 'a'.repeat(64);
const ERROR = 2;

describe('traces over OTLP/HTTP', () => {
  let env: TestWorkflowEnvironment;
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let config: AppConfig;
  let client: JobClient;
  let scratch: string;

  beforeAll(async () => {
    collector = await startCollector();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
    process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'deployment.environment.name=test';
    scratch = mkdtempSync(path.join(tmpdir(), 'vamg-traces-'));
    // With many chunks the workflow continues as new several times.
    env = await startTestServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60']);
    config = loadConfig({ VAMG_QUEUE_PREFIX: 'traces' });
    client = await createJobClient({ config, artefacts: new ArtefactStore(new MemoryStore(), scratch), address: env.address });
  });
  afterAll(async () => {
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    delete process.env['OTEL_RESOURCE_ATTRIBUTES'];
    await client?.close();
    await env?.teardown();
    await collector?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** All spans that workers with these activities send while `use` runs. */
  async function traced(stages: FakeStages, use: () => Promise<unknown>, tracing = startTracing({ service: 'video-amg-test' })!): Promise<ReceivedSpan[]> {
    const from = collector.spans.length;
    const activities = stages.activities();
    const workers = await createWorkers({ config, connection: env.nativeConnection, namespace: 'default', activities: { control: activities, media: activities, inference: activities }, tracing });
    const running = workers.map((worker) => worker.run());
    try {
      await use();
    } finally {
      workers.forEach((worker) => worker.shutdown());
      await Promise.all(running);
      await tracing.close();
    }
    return collector.spans.slice(from);
  }

  test('one trace per job, also over continue-as-new: its start, and below it a span for each attempt of each step, with what failed', async () => {
    const chunkCount = 12;
    const tracing = startTracing({ service: 'video-amg-test' })!;
    const stages = new FakeStages({
      chunkCount,
      during: async (stage, chunk, attempt) => {
        if (stage !== 'track') return;
        await tracing.span('inference track', { 'vamg.frames': 10 }, () => Promise.resolve());
        await tracing.span('store get', {}, () => Promise.resolve(), { minMs: 10_000 });
        if (chunk === 3 && attempt === 1) {
          await tracing.span('store put', {}, () => Promise.reject(new VamgError('StoreUnavailable', 'The store is away.')), { minMs: 10_000 }).catch(() => undefined);
          fail('StoreUnavailable', false);
        }
      },
    });
    const spans = await traced(stages, async () => {
      await client.startJob({ id: 'traced', spec: { schemaVersion: 1, videoId: VIDEO, videoName: 'secret name.mp4', options: resolveSegmentOptions(), model: { name: 'm', sha256: 's' }, firstFrameMask: null, prompts: null, codeVersion: '1' } });
      await client.wait('traced');
    }, tracing);

    const root = spans.find(({ name }) => name === 'StartWorkflow:segmentVideo')!;
    expect(root).toMatchObject({ service: 'video-amg', attributes: { temporalWorkflowId: 'segment-traced', run_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown } });
    expect(root.parentSpanId ?? '').toBe('');
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([root.traceId]));

    const steps = spans.filter(({ name }) => name.startsWith('RunActivity:'));
    expect(steps.filter(({ parentSpanId }) => parentSpanId !== root.spanId)).toEqual([]);
    expect(new Set(steps.map(({ attributes }) => attributes['run_id'])).size).toBeGreaterThan(1);
    const tracks = steps.filter(({ name }) => name === 'RunActivity:track').map(({ attributes }) => `${String(attributes['vamg.chunk'])}/${String(attributes['vamg.attempt'])}`);
    expect(new Set(tracks)).toEqual(new Set([...Array.from({ length: chunkCount }, (_, i) => `${i + 1}/1`), '4/2']));
    expect(steps.filter(({ attributes }) => attributes['vamg.video'] !== VIDEO)).toEqual([]);
    expect(steps[0]!.service).toBe('video-amg-test');

    const failed = steps.filter(({ status }) => status.code === ERROR);
    expect(failed).toMatchObject([{ name: 'RunActivity:track', attributes: { 'vamg.chunk': 4, 'vamg.attempt': 1, 'vamg.failure': 'StoreUnavailable' }, status: { message: 'StoreUnavailable: StoreUnavailable on purpose' } }]);
    const inference = spans.filter(({ name }) => name === 'inference track');
    expect(inference).toHaveLength(chunkCount + 1);
    expect(inference.every(({ parentSpanId }) => steps.some(({ name, spanId }) => name === 'RunActivity:track' && spanId === parentSpanId))).toBe(true);
    // Quick calls of the store have no span, failed ones do.
    expect(spans.filter(({ name }) => name.startsWith('store '))).toMatchObject([{ name: 'store put', parentSpanId: failed[0]!.spanId, status: { code: ERROR } }]);
    expect(collector.texts.join()).toContain('deployment.environment.name');
    expect(collector.texts.join()).not.toMatch(/secret name|stack|process\.|host\.name/);
  });

  test('a job that was started without tracing has a trace of its own all the same', async () => {
    const input = segmentInput({ queuePrefix: 'traces', videoId: VIDEO });
    const spans = await traced(new FakeStages({ chunkCount: 1 }), async () => {
      await env.client.workflow.execute('segmentVideo', { workflowId: 'segment-untraced', taskQueue: 'traces-control', args: [input] });
    });
    expect(spans.map(({ name }) => name)).toContain('RunActivity:detect');
    expect(new Set(spans.map(({ traceId, parentSpanId }) => `${traceId} ${parentSpanId}`)).size).toBe(1);
  });

  test('a collector that is away stops nothing, and is told of once, without its address', async () => {
    const told: string[] = [];
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'http://127.0.0.1:9';
    const tracing = startTracing({ service: 'x', onProblem: (message) => told.push(message) })!;
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
    const input = segmentInput({ queuePrefix: 'traces', videoId: VIDEO });
    await traced(new FakeStages({ chunkCount: 1 }), async () => await env.client.workflow.execute('segmentVideo', { workflowId: 'segment-away', taskQueue: 'traces-control', args: [input] }), tracing);
    expect(told).toEqual([expect.stringMatching(/^traces cannot be delivered [^:@]*$/)]);
  });
});
