import type { CutieNetwork } from '../../contracts/cutie-network';
import type { InferenceProgress } from '../../contracts/inference';
import type { TokenFrame, TokenNetwork } from '../../contracts/token-network';
import { isCutieNetwork, isDeaotNetwork, isSam2Network, isXmemNetwork, type VideoNetwork } from '../../contracts/video-network';
import type { XmemNetwork } from '../../contracts/xmem-network';
import type { ImageEmbedding, PromptableSegmenter } from '../../contracts/segmenter';

/** What a job in the inference process works with. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** Hand finished lines over; resolves when they are stored. */
  emit(lines: readonly string[], checkpoint: Uint8Array | null, done: number): Promise<void>;
  progress(progress: InferenceProgress): void;
  log(level: 'info' | 'warn', message: string): void;
}

/** Let the event loop run: messages such as a cancellation are only seen between network runs. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs work so that before it pending messages are read and the signal is checked, and after it `onRun` is called. */
type RunCooperatively = <T>(work: () => Promise<T>) => Promise<T>;

function cooperatively(signal: AbortSignal, onRun: () => void): RunCooperatively {
  return async (work) => {
    await yieldToEventLoop();
    signal.throwIfAborted();
    const result = await work();
    onRun();
    return result;
  };
}

/**
 * Wrap a segmenter so that before every network run pending messages are read and the signal is checked, and after every run
 * `onRun` is called (the sign of life that the watchdog listens to).
 */
export function cooperativeSegmenter(inner: PromptableSegmenter, signal: AbortSignal, onRun: () => void): PromptableSegmenter {
  const run = cooperatively(signal, onRun);
  return {
    inputSize: inner.inputSize,
    encode: (image): Promise<ImageEmbedding> => run(() => inner.encode(image, signal)),
    decode: (embedding, prompts) => run(() => inner.decode(embedding, prompts, signal)),
    decodePoints: (embedding, prompts) => run(() => inner.decodePoints(embedding, prompts, signal)),
    inferenceMs: () => inner.inferenceMs(),
    dispose: () => inner.dispose(),
  };
}

/** The same for the networks of the memory tracker. */
export function cooperativeMemory(inner: VideoNetwork, signal: AbortSignal, onRun: () => void): VideoNetwork {
  const run = cooperatively(signal, onRun);
  if (isSam2Network(inner))
    return {
      settings: inner.settings,
      inputSize: inner.inputSize,
      objectsPerRun: (frames) => inner.objectsPerRun(frames),
      attend: (embedding, query) => run(() => inner.attend(embedding, query, signal)),
      decodeObjects: (embedding, objects, features, masks) => run(() => inner.decodeObjects(embedding, objects, features, masks, signal)),
      remember: (embedding, logits, binarize, absent) => run(() => inner.remember(embedding, logits, binarize, absent, signal)),
      inferenceMs: () => inner.inferenceMs(),
      dispose: () => inner.dispose(),
    };
  if (isDeaotNetwork(inner))
    return {
      settings: inner.settings,
      encode: (image) => run(() => inner.encode(image, signal)),
      propagate: (frame, long, short) => run(() => inner.propagate(frame, long, short, signal)),
      refer: (frame, labels) => run(() => inner.refer(frame, labels, signal)),
      identify: (pending, labels, size) => run(() => inner.identify(pending, labels, size, signal)),
      inferenceMs: () => inner.inferenceMs(),
      dispose: () => inner.dispose(),
    };
  if (isCutieNetwork(inner))
    return {
      ...cooperativeTokens(inner, signal, run),
      settings: inner.settings,
      segment: (frame, query) => run(() => inner.segment(frame, query, signal)),
      updateSensory: (frame, objects, update, sensory) => run(() => inner.updateSensory(frame, objects, update, sensory, signal)),
      encodeMasks: (frame, objects, sensory, masks, others) => run(() => inner.encodeMasks(frame, objects, sensory, masks, others, signal)),
    } satisfies CutieNetwork;
  if (isXmemNetwork(inner))
    return {
      ...cooperativeTokens(inner, signal, run),
      settings: inner.settings,
      segment: (frame, objects, readout, hidden) => run(() => inner.segment(frame, objects, readout, hidden, signal)),
      encodeValues: (frame, objects, hidden, masks, others) => run(() => inner.encodeValues(frame, objects, hidden, masks, others, signal)),
    } satisfies XmemNetwork;
  return {
    sizes: inner.sizes,
    key: (embedding) => run(() => inner.key(embedding, signal)),
    value: (frame, objects, masks, others) => run(() => inner.value(frame, objects, masks, others, signal)),
    read: (query) => run(() => inner.read(query, signal)),
    inferenceMs: () => inner.inferenceMs(),
    dispose: () => inner.dispose(),
  };
}

/** What the networks of XMem and Cutie have in common. */
function cooperativeTokens<Frame extends TokenFrame>(inner: TokenNetwork<Frame>, signal: AbortSignal, run: RunCooperatively): TokenNetwork<Frame> {
  return {
    encodeFrame: (picture) => run(() => inner.encodeFrame(picture, signal)),
    affinity: (frame, tokens, keys, shrinkage) => run(() => inner.affinity(frame, tokens, keys, shrinkage, signal)),
    inferenceMs: () => inner.inferenceMs(),
    dispose: () => inner.dispose(),
  };
}
