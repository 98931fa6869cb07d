import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { durationMs } from '../../../contracts/temporal-config';
import { SEARCH_ATTRIBUTES } from '../../../contracts/messages';
import { loadConfig } from '../../../workers/config';
import { connectionSettings, namesOutsideServer } from '../../../workers/connect';
import { progressFraction } from '../../../workers/job-progress';
import { workflowId } from '../../../workers/job-client';
import { guardPayload } from '../../../workers/payload-guard';

describe('loadConfig', () => {
  test('temporal.yaml is valid, names our search attributes, and the result is frozen', () => {
    const config = loadConfig({});
    expect(Object.keys(config.temporal.searchAttributes).sort()).toEqual(Object.keys(SEARCH_ATTRIBUTES).sort());
    expect(Object.isFrozen(config.temporal.workers.inference)).toBe(true);
    expect(config.temporal.workers.inference.slots).toBe(1);
  });

  test('the environment overrides places', () => {
    expect(loadConfig({ VAMG_HOME: '/tmp/h', VAMG_STORE: 's3://b/p', VAMG_QUEUE_PREFIX: 'mine' })).toMatchObject({ home: '/tmp/h', storeUrl: 's3://b/p', scratchRoot: '/tmp/h/scratch', queuePrefix: 'mine' });
  });

  test('an unknown key, a bad value and text that is not YAML are BadConfig', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vamg-config-'));
    const file = path.join(folder, 'temporal.yaml');
    for (const text of ['version: 1\nsecret: x', 'a: [', 'version: 2']) {
      writeFileSync(file, text);
      expect(() => loadConfig({ VAMG_CONFIG: file })).toThrow(expect.objectContaining({ failure: 'BadConfig' }) as Error);
    }
    rmSync(folder, { recursive: true });
    expect(() => loadConfig({ VAMG_LOG_LEVEL: 'loud' })).toThrow(/VAMG_LOG_LEVEL/);
  });

  test('a heartbeat timeout that a running step would miss is refused', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vamg-config-'));
    const text = readFileSync(path.join(__dirname, '../../../temporal.yaml'), 'utf8');
    const load = (timeout: string): string => {
      writeFileSync(path.join(folder, 'temporal.yaml'), text.replace(/heartbeatTimeout: .*/, `heartbeatTimeout: ${timeout}`));
      return loadConfig({ VAMG_CONFIG: path.join(folder, 'temporal.yaml') }).temporal.workers.heartbeatTimeout;
    };
    expect([load('6s'), load('2m')]).toEqual(['6s', '2m']);
    expect(() => load('5s')).toThrow(/at least 6s/);
    rmSync(folder, { recursive: true });
  });

  test.each([['500ms', 500], ['5s', 5000], ['2m', 120_000], ['1h', 3_600_000], ['1d', 86_400_000]])('%s is %d ms', (text, ms) => expect(durationMs(text)).toBe(ms));
});

describe('connections', () => {
  test('an address that is given wins; else the environment decides', () => {
    expect(connectionSettings('127.0.0.1:1', { TEMPORAL_ADDRESS: 'x:2' }).options.address).toBe('127.0.0.1:1');
    expect(connectionSettings(undefined, { TEMPORAL_ADDRESS: 'x:2', TEMPORAL_NAMESPACE: 'n' })).toMatchObject({ options: { address: 'x:2' }, namespace: 'n' });
    expect([namesOutsideServer({}), namesOutsideServer({ TEMPORAL_ADDRESS: '' }), namesOutsideServer({ TEMPORAL_ADDRESS: 'x:1' })]).toEqual([false, false, true]);
  });

  test('a profile that does not exist is BadConfig and shows nothing', () => {
    expect(() => connectionSettings(undefined, { TEMPORAL_PROFILE: 'none', TEMPORAL_API_KEY: 'hush' })).toThrow(expect.objectContaining({ failure: 'BadConfig', message: expect.not.stringContaining('hush') as string }) as Error);
  });
});

test('ids that could confuse are refused', () => {
  expect(workflowId('film-1.a_b')).toBe('segment-film-1.a_b');
  for (const id of ['', 'A', '-a', 'a/b', 'a b', 'ä', 'x'.repeat(200)]) expect(() => workflowId(id)).toThrow(expect.objectContaining({ failure: 'BadConfig' }) as Error);
});

test('payloads are measured in bytes, not characters', () => {
  guardPayload('x', 'a'.repeat(65_000));
  expect(() => guardPayload('x', 'ä'.repeat(33_000))).toThrow(/of at most 65536/);
});

test('the fraction counts running chunks and never exceeds 1', () => {
  const workflow = { phase: 'chunks', paused: false, chunkCount: 4, chunks: 'Ttdw', positions: 40, positionsDone: 10, objects: null, startedAtMs: 0 } as const;
  const step = (name: string, done: number) => ({ step: name, attempt: 1, details: { stage: 'track', chunk: 1, done, total: 10, objects: 0, inferenceMs: 0 } as const, lastFailure: null, lastFailureMessage: null });
  expect(progressFraction('running', workflow, [step('track', 5), step('detect', 10)])).toBeCloseTo((1 + 0.75 + 0.5) / 4);
  expect(progressFraction('running', null, [])).toBe(0);
  expect(progressFraction('done', null, [])).toBe(1);
});
