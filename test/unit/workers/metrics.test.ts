import type { MetricMeter, MetricTags } from '@temporalio/common';
import { ApplicationFailure, CancelledFailure, noopMetricMeter } from '@temporalio/common';
import { countFrames } from '../../../activities/frame-metrics';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { VamgError } from '../../../contracts/errors';
import { METRICS } from '../../../contracts/metrics';
import { watchedStore } from '../../../workers/watched-store';
import { countResult, createStepMetrics } from '../../../workers/step-metrics';

/** A meter that remembers, as `name{label="value"} sum`. */
function recordingMeter(): { meter: MetricMeter; sums: Record<string, number> } {
  const sums: Record<string, number> = {};
  const add = (name: string, value: number, tags: MetricTags = {}): void => {
    const labels = Object.entries(tags).map(([label, text]) => `${label}="${text}"`).sort();
    const key = `${name}${labels.length > 0 ? `{${labels.join(',')}}` : ''}`;
    sums[key] = (sums[key] ?? 0) + value;
  };
  const meter: MetricMeter = {
    createGauge: (name) => noopMetricMeter.createGauge(name),
    withTags: () => meter,
    createCounter: (name) => ({ ...noopMetricMeter.createCounter(name), add: (value, tags) => add(name, value, tags) }),
    createHistogram: (name) => ({ ...noopMetricMeter.createHistogram(name), record: (value, tags) => add(name, value, tags) }),
  };
  return { meter, sums };
}

describe('frames and inference time', () => {
  it('count what is new in this attempt, whatever order the reports come in', () => {
    const { meter, sums } = recordingMeter();
    const report = countFrames(meter, 'track', { done: 40, inferenceMs: 0 });
    for (const [done, inferenceMs] of [[41, 100], [43, 100], [42, 90], [43, 250]] as const) report({ done, inferenceMs });
    expect(sums).toEqual({ 'vamg_frames_total{stage="track"}': 3, 'vamg_inference_milliseconds_total{stage="track"}': 250 });
  });

  it('do not take the chunks of publish for frames', () => {
    const { meter, sums } = recordingMeter();
    countFrames(meter, 'publish', { done: 0, inferenceMs: 0 })({ done: 5, inferenceMs: 0 });
    expect(sums).toEqual({});
  });
});

describe('results of steps', () => {
  it('say how many objects and which joins; what was there already counts as reused alone', () => {
    const { meter, sums } = recordingMeter();
    countResult(meter, 'publish', { skipped: false, summary: { objects: 7, frames: 9 } });
    countResult(meter, 'publish', { skipped: true, summary: { objects: 7, frames: 9 } });
    countResult(meter, 'match', { skipped: false, summary: { pairs: 10, joined: 6, ambiguous: 1 } });
    countResult(meter, 'listArchive', undefined);
    expect(sums).toEqual({
      'vamg_steps_total{outcome="computed"}': 3,
      'vamg_steps_total{outcome="reused"}': 1,
      vamg_videos_published_total: 1,
      vamg_objects_total: 7,
      'vamg_joins_total{decision="joined"}': 6,
      'vamg_joins_total{decision="ambiguous"}': 1,
      'vamg_joins_total{decision="other"}': 3,
    });
  });

  it.each([
    ['a failure of the catalogue', ApplicationFailure.create({ type: 'PoisonVideo', message: 'x' }), { [`${METRICS.failures.name}{failure="PoisonVideo"}`]: 1 }],
    ['a foreign name', ApplicationFailure.create({ type: 'evil{}"\n', message: 'x' }), { [`${METRICS.failures.name}{failure="Internal"}`]: 1 }],
    ['a bug', new TypeError('x'), { [`${METRICS.failures.name}{failure="Internal"}`]: 1 }],
    ['a cancellation', new CancelledFailure('x'), {}],
  ])('%s is counted by its class', async (_what, error, expected) => {
    const { meter, sums } = recordingMeter();
    const info = { activityType: 'detect', currentAttemptScheduledTimestampMs: Date.now() - 5_000 };
    const interceptor = createStepMetrics({ info, metricMeter: meter } as unknown as Parameters<typeof createStepMetrics>[0]);
    await expect(interceptor.execute!({ args: [], headers: {} }, () => Promise.reject(error))).rejects.toBe(error);
    const { [METRICS.queueWait.name]: waited, ...counted } = sums;
    expect(counted).toEqual(expected);
    expect(waited).toBeGreaterThanOrEqual(5);
  });
});

describe('the store', () => {
  const key = 'v1/data/a';

  it('does the same as without counting, and a missing object is no error', async () => {
    const { meter, sums } = recordingMeter();
    const store = watchedStore(new MemoryStore(), meter);
    await store.put(key, Uint8Array.of(1, 2));
    expect([...(await store.get(key))]).toEqual([1, 2]);
    expect(await store.putIfAbsent(key, Uint8Array.of(3))).toBe(false);
    const listed: string[] = [];
    for await (const object of store.list('v1/data/')) listed.push(object.key);
    expect(listed).toEqual([key]);
    await store.remove(key);
    expect([await store.exists(key), await store.stat(key)]).toEqual([false, null]);
    await expect(store.get(key)).rejects.toMatchObject({ failure: 'NotFound' });
    expect(sums).toEqual({});
  });

  it('counts failures by operation and class, and passes them on', async () => {
    const { meter, sums } = recordingMeter();
    const broken = new MemoryStore();
    const down = (): never => {
      throw new VamgError('StoreUnavailable', 'down');
    };
    jest.spyOn(broken, 'put').mockImplementation(() => Promise.reject(new VamgError('ResourceExhausted', 'full')));
    jest.spyOn(broken, 'list').mockImplementation(async function* () {
      yield await Promise.resolve(down());
    });
    const store = watchedStore(broken, meter);
    await expect(store.put(key, Uint8Array.of(1))).rejects.toMatchObject({ failure: 'ResourceExhausted' });
    await expect(store.list('v1/data/')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ failure: 'StoreUnavailable' });
    expect(sums).toEqual({ 'vamg_store_errors_total{failure="ResourceExhausted",operation="put"}': 1, 'vamg_store_errors_total{failure="StoreUnavailable",operation="list"}': 1 });
  });
});
