import type { PromptableSegmenter } from '../../../contracts/segmenter';
import { isCutieNetwork, isDeaotNetwork, isSam2Network, type VideoNetwork } from '../../../contracts/video-network';
import { cooperativeMemory, cooperativeSegmenter } from '../../../workers/inference-jobs/cooperative-network';

/** Notes its calls; its runs give the number of their arguments. */
class Network {
  readonly settings = { hidden_dim: 4 };
  readonly calls: unknown[][] = [];
  attend(...given: unknown[]): Promise<number> {
    this.calls.push(['attend', ...given]);
    return Promise.resolve(given.length);
  }
  remember(...given: unknown[]): Promise<number> {
    this.calls.push(['remember', ...given]);
    return Promise.resolve(given.length);
  }
  objectsPerRun(frames: number): number {
    return 2 * frames + this.calls.length;
  }
}

function wrapped(): { network: Network; cooperative: Network; stop: AbortController; runs: () => number } {
  const network = new Network();
  const stop = new AbortController();
  let runs = 0;
  return { network, stop, cooperative: cooperativeMemory(network as unknown as VideoNetwork, stop.signal, () => runs++) as unknown as Network, runs: () => runs };
}

describe('cooperativeMemory', () => {
  it('reads messages before a run, gives it its own signal and tells of it afterwards', async () => {
    const { network, cooperative, stop, runs } = wrapped();
    let messages = 0;
    setImmediate(() => messages++);
    const run = cooperative.attend('embedding', 'query');
    expect(network.calls).toEqual([]);
    expect(await run).toBe(3);
    expect(messages).toBe(1);
    expect(await cooperative.remember('embedding', 'logits', true, [false], new AbortController().signal)).toBe(5);
    expect(network.calls).toEqual([['attend', 'embedding', 'query', stop.signal], ['remember', 'embedding', 'logits', true, [false], stop.signal]]);
    expect(network.calls[1]![5]).toBe(stop.signal);
    expect(runs()).toBe(2);
  });

  it('runs nothing once the signal has fired, also while it waited', async () => {
    const { network, cooperative, stop, runs } = wrapped();
    const run = cooperative.attend('embedding', 'query');
    stop.abort(new Error('stop'));
    await expect(run).rejects.toThrow('stop');
    await expect(cooperative.attend('embedding', 'query')).rejects.toThrow('stop');
    expect([network.calls.length, runs()]).toEqual([0, 0]);
  });

  it('is what it wraps in all else', async () => {
    const { network, cooperative } = wrapped();
    expect(cooperative.settings).toBe(network.settings);
    expect(cooperative.objectsPerRun(3)).toBe(6);
    const asNetwork = cooperative as unknown as VideoNetwork;
    expect([isSam2Network(asNetwork), isCutieNetwork(asNetwork), isDeaotNetwork(asNetwork)]).toEqual([true, false, false]);
    await cooperative.attend(1, 2);
    expect(cooperative.objectsPerRun(3)).toBe(7);
  });
});

it('cooperativeSegmenter gives runs of a segmenter its signal', async () => {
  const calls: unknown[][] = [];
  const note = (name: string) => (...given: unknown[]) => Promise.resolve(calls.push([name, ...given]));
  const { signal } = new AbortController();
  let runs = 0;
  const inner = { inputSize: 512, encode: note('encode'), decode: note('decode'), decodePoints: note('decodePoints'), inferenceMs: () => 7 } as unknown as PromptableSegmenter;
  const segmenter = cooperativeSegmenter(inner, signal, () => runs++);
  const [image, embedding, prompts] = [{}, {}, {}] as [never, never, never];
  await segmenter.encode(image);
  await segmenter.decode(embedding, prompts);
  await segmenter.decodePoints(embedding, prompts);
  expect(calls).toEqual([['encode', image, signal], ['decode', embedding, prompts, signal], ['decodePoints', embedding, prompts, signal]]);
  expect([segmenter.inputSize, segmenter.inferenceMs(), runs]).toEqual([512, 7, 3]);
});
