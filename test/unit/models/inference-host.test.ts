import { join } from 'node:path';
import type { InferenceHandlers, InferenceHost, InferenceJob } from '../../../contracts/inference';
import { createInferenceHost, type InferenceHostOptions } from '../../../models/runtime/inference-host';

const ENTRY = join(__dirname, '../../support/fake-inference-process.js');
const hosts: InferenceHost[] = [];

function createHost(options: Partial<InferenceHostOptions> = {}): InferenceHost {
  const host = createInferenceHost({ entry: ENTRY, cancelGraceMs: 200, ...options });
  hosts.push(host);
  return host;
}

const job = (behaviour: string): InferenceJob => ({ kind: 'detect', options: { behaviour } }) as unknown as InferenceJob;
const silent: InferenceHandlers = { onLines: () => Promise.resolve(), onProgress: () => undefined };
const never = new AbortController().signal;

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

describe('the inference host', () => {
  it('hands lines and checkpoints over in order and waits until they are stored', async () => {
    const seen: string[] = [];
    const handlers: InferenceHandlers = {
      ...silent,
      onLines: async (lines, checkpoint, done) => {
        seen.push(`got ${lines.join()} ${checkpoint?.length ?? 'none'} ${done}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
        seen.push('stored');
      },
    };
    const result = await createHost().runJob(job('works'), handlers, never);
    expect(seen).toEqual(['got "a","b" 2 2', 'stored', 'got "c" none 3', 'stored']);
    expect(result.inferenceMs).toBe(12);
  });

  it('runs one job after the other in the same process', async () => {
    const host = createHost();
    const results = await Promise.all([host.runJob(job('works'), silent, never), host.runJob(job('works'), silent, never)]);
    expect(results[0]!.trailer).toEqual(results[1]!.trailer);
  });

  it('says why a job failed, by its catalogue name', async () => {
    await expect(createHost().runJob(job('fails'), silent, never)).rejects.toMatchObject({ failure: 'PoisonChunk', message: 'Frame 3 cannot be decoded.' });
  });

  it('fails a job whose process dies, and starts another process for the next one', async () => {
    const host = createHost();
    await expect(host.runJob(job('dies'), silent, never)).rejects.toMatchObject({ failure: 'InferenceFailed' });
    await expect(host.runJob(job('works'), silent, never)).resolves.toMatchObject({ inferenceMs: 12 });
  });

  it('tells the job what its process says, also past all logging, and its last words', async () => {
    const said: string[] = [];
    const handlers: InferenceHandlers = { ...silent, onLog: (level, message) => said.push(`${level} ${message.slice(0, 20)} ${message.length}`) };
    const elsewhere = jest.fn();
    await expect(createHost({ log: elsewhere }).runJob(job('speaks'), handlers, never)).rejects.toMatchObject({ failure: 'InferenceFailed' });
    for (let tries = 0; tries < 100 && said.length < 4; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([...said].sort()).toEqual(['info by message 10', 'warn a library on stdout 19', 'warn last words 10', `warn ${'x'.repeat(20)} 4000`]);
    expect(elsewhere).not.toHaveBeenCalled();
  });

  it('replaces a process that grows past its memory limit', async () => {
    const host = createHost({ memoryLimitBytes: 1e9 });
    await expect(host.runJob(job('grows'), silent, never)).rejects.toMatchObject({ failure: 'ResourceExhausted' });
    await expect(host.runJob(job('works'), silent, never)).resolves.toMatchObject({ inferenceMs: 12 });
  });

  it('ends a process that says nothing for too long', async () => {
    await expect(createHost({ stallTimeoutMs: 150 }).runJob(job('hangs'), silent, never)).rejects.toMatchObject({ failure: 'InferenceFailed' });
  });

  it.each(['hangs', 'ignores-cancel'])('a job that %s is over soon after it is cancelled, with the reason given', async (behaviour) => {
    const abort = new AbortController();
    const host = createHost();
    const running = host.runJob(job(behaviour), silent, abort.signal);
    setTimeout(() => abort.abort(new Error('not wanted any more')), 100);
    await expect(running).rejects.toThrow('not wanted any more');
    await expect(host.runJob(job('works'), silent, never)).resolves.toMatchObject({ inferenceMs: 12 });
  });

  it('gives up a job whose lines cannot be stored', async () => {
    const full = { ...silent, onLines: () => Promise.reject(new Error('disk full')) };
    const host = createHost();
    await expect(host.runJob(job('works'), full, never)).rejects.toThrow('disk full');
    await expect(host.runJob(job('works'), silent, never)).resolves.toMatchObject({ inferenceMs: 12 });
  });

  it('refuses jobs after it was closed', async () => {
    const host = createHost();
    await host.close();
    await expect(host.runJob(job('works'), silent, never)).rejects.toMatchObject({ failure: 'InferenceFailed' });
  });
});
