import type { ImageEmbedding, PromptableSegmenter, RgbImage } from '../../contracts/segmenter';

/** Frames as they come, and a segmenter that knows which picture comes next. */
export interface EncodeAhead<Frame> {
  readonly frames: AsyncGenerator<Frame, void, undefined>;
  readonly segmenter: PromptableSegmenter;
}

/**
 * Has a picture's successor encoded while the picture is worked on: it pays where the encoder runs beside the other networks
 * (`encoderThread` of the image model). As soon as somebody asks for the embedding of the newest frame, that of the next one
 * is begun; where nobody asks (nothing to follow), none is. At most one picture is ahead. Errors of what was begun come when it is
 * asked for.
 */
export function encodeAhead<Frame extends { readonly image: RgbImage }>(source: AsyncIterable<Frame>, inner: PromptableSegmenter): EncodeAhead<Frame> {
  const begun = new WeakMap<RgbImage, Promise<ImageEmbedding>>();
  let newest: { readonly image: RgbImage; signal: AbortSignal | undefined; isAsked: boolean; next?: RgbImage } | undefined;

  const beginNext = (): void => {
    if (!newest?.isAsked || !newest.next || begun.has(newest.next)) return;
    const embedding = inner.encode(newest.next, newest.signal);
    embedding.catch(() => undefined);
    begun.set(newest.next, embedding);
  };

  async function* frames(): AsyncGenerator<Frame, void, undefined> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      let current = await iterator.next();
      while (current.done !== true) {
        const own: NonNullable<typeof newest> = { image: current.value.image, signal: undefined, isAsked: false };
        newest = own;
        const upcoming = iterator.next().then((following) => {
          if (following.done !== true) own.next = following.value.image;
          beginNext();
          return following;
        });
        upcoming.catch(() => undefined);
        yield current.value;
        current = await upcoming;
      }
    } finally {
      await iterator.return?.();
    }
  }

  const encode = (image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> => {
    const embedding = begun.get(image) ?? inner.encode(image, signal);
    if (newest?.image === image) {
      Object.assign(newest, { signal, isAsked: true });
      beginNext();
    }
    return embedding;
  };
  const segmenter: PromptableSegmenter = {
    inputSize: inner.inputSize,
    encode,
    decode: (embedding, prompts, signal) => inner.decode(embedding, prompts, signal),
    decodePoints: (embedding, prompts, signal) => inner.decodePoints(embedding, prompts, signal),
    inferenceMs: () => inner.inferenceMs(),
    dispose: () => inner.dispose(),
  };
  return { frames: frames(), segmenter };
}
