import { withRetries } from '../../../adapters/store/s3-retry';
import { gpuEnvironment, inferenceSlots, parseGpus } from '../../../workers/gpus';
import { startHealthServer, type WorkerPhase } from '../../../workers/health';
import { whenToldToStop } from '../../../workers/stop-signals';

describe('--gpus', () => {
  it.each([['0', ['0']], ['0, 1,7', ['0', '1', '7']], ['GPU-8f6d2a1c-0000,MIG-aa/1/0', ['GPU-8f6d2a1c-0000', 'MIG-aa/1/0']]])('%s', (text, gpus) => expect(parseGpus(text)).toEqual(gpus));
  it.each(['', '0,', '0,0', '-1', 'cuda', '0;rm', '1.5', `GPU-${'a'.repeat(100)}`])('"%s" is refused', (text) => expect(() => parseGpus(text)).toThrow(/--gpus must be/));

  it('deals processes out over the GPUs in turn; each sees one', () => {
    const gpus = ['0', '2'];
    expect([0, 1, 2, 3].map((index) => gpuEnvironment(gpus, index)['CUDA_VISIBLE_DEVICES'])).toEqual(['0', '2', '0', '2']);
    expect(gpuEnvironment([], 3)).toEqual({});
  });

  it('has a slot per GPU unless told otherwise, and leaves no GPU idle', () => {
    expect([inferenceSlots([], undefined, 3), inferenceSlots(['0', '1'], undefined, 1), inferenceSlots(['0', '1'], 4, 1), inferenceSlots([], 2, 1)]).toEqual([3, 2, 4, 2]);
    expect(() => inferenceSlots(['0', '1'], 1, 1)).toThrow(/give at least 2/);
  });
});

describe('health', () => {
  it('is one word: alive always, ready while the workers run and the server answers', async () => {
    let phase: WorkerPhase = 'starting';
    let isUp = true;
    const health = await startHealthServer({ port: 0, phase: () => phase, ping: () => (isUp ? Promise.resolve() : Promise.reject(new Error('secret address'))) });
    const ask = async (path: string, method = 'GET'): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${health.port}${path}`, { method });
      return `${response.status} ${(await response.text()).trim()}`;
    };
    expect([await ask('/livez'), await ask('/readyz')]).toEqual(['200 starting', '503 starting']);
    phase = 'running';
    expect([await ask('/readyz'), await ask('/healthz')]).toEqual(['200 running', '200 running']);
    isUp = false;
    expect([await ask('/livez'), await ask('/readyz')]).toEqual(['200 running', '503 disconnected']);
    phase = 'draining';
    expect([await ask('/livez'), await ask('/readyz')]).toEqual(['200 draining', '503 draining']);
    expect([await ask('/'), await ask('/readyz', 'POST')]).toEqual(['404 not found', '405 method not allowed']);
    await expect(startHealthServer({ port: health.port, phase: () => phase, ping: () => Promise.resolve() })).rejects.toMatchObject({ failure: 'BadConfig' });
    await health.close();
    await expect(ask('/livez')).rejects.toThrow();
  });
});

test('after the first signal none is caught any more, of either kind', async () => {
  const before = [process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')];
  const stop = new AbortController();
  const told = whenToldToStop(stop.signal);
  expect([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')]).toEqual(before.map((count) => count + 1));
  stop.abort();
  await told;
  expect([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')]).toEqual(before);
});

test('calls that are sent again are told', async () => {
  let tries = 0;
  const onRetry = jest.fn();
  const call = (): Promise<string> => (++tries < 3 ? Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' })) : Promise.resolve('done'));
  expect(await withRetries(call, { callMs: 1, slowestBytesPerSecond: 1, attempts: 4, backoffMs: 1, onRetry })).toBe('done');
  expect(onRetry).toHaveBeenCalledTimes(2);
});
