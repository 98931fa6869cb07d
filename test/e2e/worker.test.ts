import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { writeDemoFilm } from '../../cli/demo/demo-film';
import type { TemporalConfig } from '../../contracts/temporal-config';
import { freePort } from '../../infra/dev-server/free-port';
import { startDevServer, type DevServer } from '../../infra/dev-server/start-dev-server';
import { loadConfig } from '../../workers/config';
import { startCollector, type ReceivedSpan } from '../support/otlp-collector';
import { VamgHome, waitFor, type RunningCommand } from '../support/vamg';

const FRAMES = 12;
/** Every frame is a detection frame, so that each is a checkpoint. */
const OPTIONS = ['--preset', 'draft', '--points-per-side', '4', '--max-objects', '3', '--detect-every', '1', '--chunk-frames', '16', '--no-overlay', '--no-viewer'];
const ROOT = path.join(__dirname, '../..');
const describeWithServer = process.env['TEMPORAL_CLI_PATH'] === undefined ? describe.skip : describe;

interface TestWorker extends RunningCommand {
  get(where: 'metrics' | 'readyz' | 'livez'): Promise<{ status: number; text: string }>;
}

describeWithServer('vamg worker (skipped without TEMPORAL_CLI_PATH)', () => {
  const home = new VamgHome();
  let server: DevServer;

  beforeAll(async () => {
    await writeDemoFilm(home.path('film.mp4'), FRAMES);
    const supervisorEntry = path.join(ROOT, 'dist/infra/dev-server/supervisor.js');
    server = await startDevServer({ binary: process.env['TEMPORAL_CLI_PATH']!, home: home.path('server'), config: loadConfig({}).temporal, supervisorEntry });
  });

  afterAll(async () => {
    await server.stop();
    home.dispose();
  });

  /** temporal.yaml with another grace time. */
  function configFile(shutdownGrace: string, shutdownForce: string): string {
    const config = parse(readFileSync(path.join(ROOT, 'temporal.yaml'), 'utf8')) as TemporalConfig;
    const file = home.path(`temporal-${shutdownGrace}.yaml`);
    writeFileSync(file, stringify({ ...config, workers: { ...config.workers, shutdownGrace, shutdownForce } }));
    return file;
  }

  async function startWorker(shutdownGrace: string, shutdownForce: string, more: NodeJS.ProcessEnv = {}): Promise<TestWorker> {
    const [health, metrics] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
    const env = { TEMPORAL_ADDRESS: server.address, VAMG_CONFIG: configFile(shutdownGrace, shutdownForce), ...more };
    const command = home.start(['worker', '--role', 'all', '--health-port', String(health), '--prometheus', `127.0.0.1:${metrics}`], env);
    await waitFor('the worker to poll', () => (command.stderr().includes('working as') ? true : undefined), 60_000);
    const get: TestWorker['get'] = async (where) => {
      const response = await fetch(`http://127.0.0.1:${where === 'metrics' ? metrics : health}/${where}`);
      return { status: response.status, text: await response.text() };
    };
    return { ...command, get };
  }

  const segment = (out: string, more: string[] = [], env: NodeJS.ProcessEnv = {}): RunningCommand => home.start(['segment', 'film.mp4', '--out', out, ...OPTIONS, ...more], { TEMPORAL_ADDRESS: server.address, ...env });

  function checkpoints(): number {
    const found = execFileSync('find', [home.path('.vamg'), '-path', '*checkpoints*', '-name', '*.part'], { encoding: 'utf8' });
    return found.split('\n').filter((line) => line !== '').length;
  }

  async function oneMoreCheckpoint(): Promise<void> {
    const before = checkpoints();
    await waitFor('a checkpoint', () => (checkpoints() > before ? true : undefined), 120_000);
  }

  it('told to end, hands its chunk back after the grace time; the next worker goes on from the checkpoint; its metrics, log and traces show it', async () => {
    const collector = await startCollector();
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const first = await startWorker('1s', '40s');
    const job = segment('out', [], tracing);
    await oneMoreCheckpoint();
    first.child.kill('SIGTERM');
    expect(await first.finished).toMatchObject({ code: 0, signal: null });
    expect(first.stderr()).toMatch(/ending: running steps have 1s/);
    expect(home.processes().filter((one) => one.command.includes('inference-process'))).toEqual([]);
    const kept = checkpoints();
    expect(kept).toBeGreaterThan(0);

    const second = await startWorker('60s', '90s', { VAMG_LOG_LEVEL: 'debug', ...tracing });
    expect(await second.get('readyz')).toEqual({ status: 200, text: 'running\n' });
    expect(await job.finished).toMatchObject({ code: 0 });
    const { text } = await second.get('metrics');
    expect(value(text, 'vamg_frames_total', 'stage="detect"')).toBe(FRAMES - kept);
    expect(value(text, 'vamg_frames_total', 'stage="track"')).toBe(FRAMES);
    expect(value(text, 'vamg_inference_milliseconds_total', 'stage="track"')).toBeGreaterThan(0);
    expect(value(text, 'vamg_videos_published_total')).toBe(1);
    const result = JSON.parse(readFileSync(home.path('out/result.json'), 'utf8')) as { objects: unknown[] };
    expect(value(text, 'vamg_objects_total')).toBe(result.objects.length);
    expect(value(text, 'vamg_steps_total', 'activityType="track"', 'outcome="computed"')).toBe(1);
    expect(value(text, 'vamg_queue_wait_seconds_count', 'activityType="track"')).toBe(1);
    expect(text).toMatch(/^temporal_activity_schedule_to_start_latency_bucket\{[^}]*task_queue="vamg-inference"/m);

    second.child.kill('SIGTERM');
    expect((await second.finished).code).toBe(0);
    await collector.close();
    checkLog(second.stderr());
    checkTrace(collector.spans);
  });

  it('finishes a step that fits into the grace time; a second signal ends the worker at once and the job stays', async () => {
    const third = await startWorker('120s', '150s');
    const job = segment('other', ['--pred-iou-thresh', '0.8']);
    await oneMoreCheckpoint();
    third.child.kill('SIGTERM');
    await waitFor('the worker to say that it ends', () => (third.stderr().includes('ending') ? true : undefined), 20_000);
    expect(await third.get('readyz')).toEqual({ status: 503, text: 'draining\n' });
    expect((await third.get('livez')).status).toBe(200);
    expect(await third.finished).toMatchObject({ code: 0, signal: null });

    const fourth = await startWorker('120s', '150s');
    await home.processNamed('inference-process');
    const { text } = await fourth.get('metrics');
    expect(text).not.toMatch(/^vamg_frames_total\{.*stage="detect"/m);
    fourth.child.kill('SIGTERM');
    await waitFor('the worker to say that it ends', () => (fourth.stderr().includes('ending') ? true : undefined), 20_000);
    fourth.child.kill('SIGINT');
    expect(await fourth.finished).toMatchObject({ code: null, signal: 'SIGINT' });
    await waitFor('the inference process to end', () => (home.processes().every((one) => !one.command.includes('inference-process')) ? true : undefined), 30_000);
    job.child.kill('SIGINT');
    expect((await job.finished).code).toBe(130);
    expect(existsSync(home.path('other'))).toBe(false);
  });

  it('says in one sentence that a port is taken', async () => {
    const taken = server.address.split(':')[1]!;
    const metrics = await home.run(['worker', '--role', 'media', '--prometheus', `127.0.0.1:${taken}`], { TEMPORAL_ADDRESS: server.address });
    expect(metrics).toMatchObject({ code: 2, stdout: '' });
    expect(metrics.stderr).toMatch(/Metrics cannot be served at 127\.0\.0\.1/);
    const health = await startWorker('1s', '40s');
    const port = /--health-port (\d+)/.exec(home.processes().find((one) => one.command.includes('--health-port'))!.command)![1]!;
    const second = await home.run(['worker', '--role', 'media', '--health-port', port], { TEMPORAL_ADDRESS: server.address });
    expect(second).toMatchObject({ code: 2 });
    expect(second.stderr).toMatch(/cannot be used for --health-port/);
    health.child.kill('SIGTERM');
    expect((await health.finished).code).toBe(0);
  });
});

/** Sum of the series of a metric that have all these labels. */
function value(text: string, name: string, ...labels: string[]): number {
  const lines = text.split('\n').filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && labels.every((label) => line.includes(label)));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Every line is JSON but what the command says to people; those of steps and of the inference process say what they are about. */
function checkLog(text: string): void {
  const lines = text.split('\n').filter((line) => line !== '' && !/^(working as|ending: )/.test(line)).map((line) => JSON.parse(line) as Record<string, unknown>);
  const ofSteps = lines.filter((line) => 'activityType' in line);
  for (const line of ofSteps) {
    expect(line).toMatchObject({ video: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown, stage: line['activityType'], attempt: expect.any(Number) as unknown, workflowId: expect.stringMatching(/^segment-/) as unknown, runId: expect.any(String) as unknown });
    expect(line).not.toHaveProperty('taskToken');
  }
  for (const line of ofSteps.filter(({ stage }) => ['detect', 'track', 'relabel'].includes(String(stage)))) expect(line['chunk']).toBe(1);
  expect(new Set(ofSteps.filter(({ msg }) => msg === 'step done').map(({ stage }) => stage))).toEqual(new Set(['detect', 'track', 'resolve', 'relabel', 'publish', 'cleanup']));
  const ofProcess = lines.filter(({ source }) => source === 'inference process');
  expect(ofProcess.length).toBeGreaterThan(0);
  for (const line of ofProcess) expect(['detect', 'track']).toContain(line['stage']);
}

/** Sent by the command and by the worker, one trace: the start, below it the steps, below those the inference. */
function checkTrace(spans: readonly ReceivedSpan[]): void {
  const root = spans.find(({ name }) => name === 'StartWorkflow:segmentVideo')!;
  expect(root.service).toBe('video-amg');
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([root.traceId]));
  const track = spans.find(({ name }) => name === 'RunActivity:track')!;
  expect(track).toMatchObject({ parentSpanId: root.spanId, service: 'video-amg-worker', attributes: { 'vamg.chunk': 1, 'vamg.attempt': 1, 'vamg.reused': false } });
  expect(spans.find(({ name }) => name === 'inference track')).toMatchObject({ parentSpanId: track.spanId, attributes: { 'vamg.frames': FRAMES } });
  // The worker that was told to end sent no traces; this is the next attempt.
  expect(spans.find(({ name }) => name === 'RunActivity:detect')!.attributes['vamg.attempt']).toBeGreaterThan(1);
}
