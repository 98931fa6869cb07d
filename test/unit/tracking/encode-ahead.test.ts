import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../../../contracts/segmenter';
import { encodeAhead } from '../../../core/tracking/encode-ahead';

const picture = (value: number): { position: number; image: RgbImage } => ({ position: value, image: { width: 1, height: 1, data: Uint8Array.of(value, 0, 0) } });

async function* source(count: number, onEnd: () => void = () => undefined): AsyncGenerator<{ position: number; image: RgbImage }> {
  try {
    for (let i = 0; i < count; i++) yield picture(i);
  } finally {
    onEnd();
  }
}

/** Notes what is encoded, in which order; `fails` is the picture that cannot be. */
function recorder(fails?: number): { segmenter: PromptableSegmenter; encoded: number[] } {
  const encoded: number[] = [];
  const encode = async ({ data }: RgbImage): Promise<ImageEmbedding> => {
    encoded.push(data[0]!);
    if (data[0] === fails) throw new Error('damaged');
    return { gridSize: data[0]! } as ImageEmbedding;
  };
  const decode = async (): Promise<DecodedMasks> => ({ count: 1 }) as DecodedMasks;
  return { segmenter: { inputSize: 64, encode, decode, decodePoints: decode, inferenceMs: () => 7 } as unknown as PromptableSegmenter, encoded };
}

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('encodeAhead', () => {
  it('begins the next picture once the newest is asked for, and encodes none twice', async () => {
    const { segmenter: inner, encoded } = recorder();
    const { frames, segmenter } = encodeAhead(source(4), inner);
    const seen: number[][] = [];
    for await (const { position, image } of frames) {
      const embedding = segmenter.encode(image);
      await turns();
      seen.push(encoded.slice());
      expect((await embedding).gridSize).toBe(position);
    }
    expect(seen).toEqual([[0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3]]);
    expect(segmenter.inferenceMs()).toBe(7);
  });

  it.each(['decode', 'decodePoints'] as const)('begins one more once %s has answered, so that the encoder works while no other network does', async (decoder) => {
    const { segmenter: inner, encoded } = recorder();
    const { frames, segmenter } = encodeAhead(source(5), inner);
    const seen: number[][] = [];
    for await (const { position, image } of frames) {
      const embedding = await segmenter.encode(image);
      await turns();
      if (position !== 2) await segmenter[decoder](embedding, {} as PromptBatch);
      await turns();
      seen.push(encoded.slice());
    }
    expect(seen).toEqual([[0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]);
  });

  it('begins it before when told that the newest frame is computed, and has it prepared until then', async () => {
    const { segmenter: inner, encoded } = recorder();
    const prepared: number[] = [];
    const { frames, segmenter, onComputing } = encodeAhead(source(5), { ...inner, prepare: ({ data }) => void prepared.push(data[0]!) });
    const seen: number[][] = [];
    for await (const { position, image } of frames) {
      onComputing(1);
      await segmenter.encode(image);
      await turns();
      seen.push([...new Set(prepared)]);
      if (position === 1) onComputing(1);
      else onComputing(25);
      seen.push(encoded.slice());
    }
    expect(seen).toEqual([[2], [0, 1], [2, 3], [0, 1, 2, 3], [2, 3, 4], [0, 1, 2, 3], [2, 3, 4], [0, 1, 2, 3, 4], [2, 3, 4], [0, 1, 2, 3, 4]]);
  });

  it('begins it after the decoder where that has many prompts', async () => {
    const { segmenter: inner, encoded } = recorder();
    let before: number[] = [];
    const decode = async (): Promise<DecodedMasks> => {
      await turns();
      before = encoded.slice();
      return {} as DecodedMasks;
    };
    const { frames, segmenter } = encodeAhead(source(4), { ...inner, decode });
    for await (const { position, image } of frames) {
      const embedding = await segmenter.encode(image);
      await turns();
      await segmenter.decode(embedding, { count: position === 0 ? 25 : 24 } as PromptBatch);
      expect(before).toEqual(position === 0 ? [0, 1] : [0, 1, 2, 3].slice(0, position + 3));
      await turns();
      expect(encoded).toEqual([0, 1, 2, 3].slice(0, position + 3));
    }
  });

  it('begins none for a decoder that works on earlier frames', async () => {
    const { segmenter: inner, encoded } = recorder();
    const { frames, segmenter } = encodeAhead(source(4), inner);
    for await (const _frame of frames) {
      await segmenter.decode({} as ImageEmbedding, {} as PromptBatch);
      await turns();
    }
    expect(encoded).toEqual([]);
  });

  it('reads at most two pictures before their turn', async () => {
    let read = -1;
    async function* counted(): AsyncGenerator<{ position: number; image: RgbImage }> {
      for await (const frame of source(6)) {
        read = frame.position;
        yield frame;
      }
    }
    const { frames } = encodeAhead(counted(), recorder().segmenter);
    for await (const { position } of frames) {
      for (let i = 0; i < 10; i++) await turns();
      expect(read).toBe(Math.min(5, position + 2));
    }
  });

  it('encodes nothing ahead where nobody asks', async () => {
    const { segmenter: inner, encoded } = recorder();
    const { frames, segmenter } = encodeAhead(source(6), inner);
    for await (const { position, image } of frames) {
      if (position === 3) await segmenter.encode(image);
      await turns();
    }
    expect(encoded).toEqual([3, 4]);
  });

  it('tells of a failure when the picture is asked for, not before', async () => {
    const { segmenter: inner } = recorder(1);
    const { frames, segmenter } = encodeAhead(source(3), inner);
    const outcomes: string[] = [];
    for await (const { image } of frames) {
      await turns();
      outcomes.push(await segmenter.encode(image).then(() => 'well', (error: Error) => error.message));
    }
    expect(outcomes).toEqual(['well', 'damaged', 'well']);
  });

  it('ends the source when the frames are left early, and passes its errors on', async () => {
    let ends = 0;
    const left = encodeAhead(source(3, () => ends++), recorder().segmenter);
    for await (const { position } of left.frames) if (position === 1) break;
    expect(ends).toBe(1);
    async function* broken(): AsyncGenerator<{ image: RgbImage }> {
      yield picture(0);
      throw new Error('no more film');
    }
    const { frames } = encodeAhead(broken(), recorder().segmenter);
    await expect((async () => { for await (const _frame of frames) await turns(); })()).rejects.toThrow('no more film');
  });
});
