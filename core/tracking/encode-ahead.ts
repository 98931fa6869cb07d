import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../../contracts/segmenter';

/** Frames as they come, and a segmenter that knows which pictures come next. */
export interface EncodeAhead<Frame> {
  readonly frames: AsyncGenerator<Frame, void, undefined>;
  readonly segmenter: PromptableSegmenter;
  /** To be told when, on the newest frame, more work begins than networks, and how many prompts are going to be decoded: the picture after the next one may be begun. */
  readonly onComputing: (prompts: number) => void;
}

/** Pictures that are read, and may be encoded, before their turn. */
const MOST_AHEAD = 2;
/**
 * So many prompts take the decoder as long as a picture takes the encoder beside it (MobileSAM at 512 and 768 pixels, on a CPU). Of more, the encoder
 * would be done before them, and idle in what follows: it begins when they are answered.
 */
const FEW_PROMPTS = 24;

/**
 * Has pictures encoded before their turn: it pays where the encoder runs beside the other networks (`encoderThread` of the image
 * model). As soon as somebody asks for the embedding of the newest frame, that of the next one is begun, if it is not yet; that of
 * the one after it about the first call of the decoder on the newest frame: before it (`onComputing`) when that has few prompts,
 * after it when many, so that the encoder works while masks are compared, upscaled and encoded and no network of the newest frame
 * runs. Where nobody asks (nothing to follow), none is begun. Errors of what was begun come when it is asked for.
 */
export function encodeAhead<Frame extends { readonly image: RgbImage }>(source: AsyncIterable<Frame>, inner: PromptableSegmenter): EncodeAhead<Frame> {
  const begun = new WeakMap<RgbImage, Promise<ImageEmbedding>>();
  const following: RgbImage[] = [];
  let newest: { readonly image: RgbImage; signal?: AbortSignal | undefined; mayBegin: number } | undefined;

  const beginNext = (): void => {
    if (!newest || newest.mayBegin === 0) return;
    for (const image of following.slice(0, newest.mayBegin)) {
      if (begun.has(image)) continue;
      const embedding = inner.encode(image, newest.signal);
      embedding.catch(() => undefined);
      begun.set(image, embedding);
    }
    for (const image of following.slice(newest.mayBegin)) if (!begun.has(image)) inner.prepare?.(image);
  };

  async function* frames(): AsyncGenerator<Frame, void, undefined> {
    const iterator = source[Symbol.asyncIterator]();
    const readNext = async (before?: Promise<unknown>): Promise<IteratorResult<Frame, unknown>> => {
      await before;
      const read = await iterator.next();
      if (read.done !== true) following.push(read.value.image);
      beginNext();
      return read;
    };
    const reads: Promise<IteratorResult<Frame, unknown>>[] = [];
    try {
      for (;;) {
        while (reads.length <= MOST_AHEAD) {
          const read = readNext(reads.at(-1));
          read.catch(() => undefined);
          reads.push(read);
        }
        const current = await reads.shift()!;
        if (current.done === true) return;
        following.shift();
        newest = { image: current.value.image, mayBegin: 0 };
        yield current.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  const encode = (image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> => {
    const embedding = begun.get(image) ?? inner.encode(image, signal);
    if (newest?.image === image) {
      newest = { image, signal, mayBegin: Math.max(1, newest.mayBegin) };
      beginNext();
    }
    return embedding;
  };
  const beginAfterNext = (): void => {
    if (newest && newest.mayBegin > 0) newest.mayBegin = MOST_AHEAD;
    beginNext();
  };
  const onComputing = (prompts: number): void => {
    if (prompts <= FEW_PROMPTS) beginAfterNext();
  };
  const decoding = async (prompts: PromptBatch, decode: () => Promise<DecodedMasks>): Promise<DecodedMasks> => {
    onComputing(prompts.count);
    const decoded = await decode();
    beginAfterNext();
    return decoded;
  };
  const segmenter: PromptableSegmenter = {
    inputSize: inner.inputSize,
    encode,
    decode: (embedding, prompts, signal) => decoding(prompts, () => inner.decode(embedding, prompts, signal)),
    decodePoints: (embedding, prompts, signal) => decoding(prompts, () => inner.decodePoints(embedding, prompts, signal)),
    inferenceMs: () => inner.inferenceMs(),
    dispose: () => inner.dispose(),
  };
  return { frames: frames(), segmenter, onComputing };
}
