import type { CutieNetwork } from '../../contracts/cutie-network';
import type { DeaotNetwork } from '../../contracts/deaot-network';
import type { MemoryNetwork } from '../../contracts/memory-network';
import type { Sam2Network } from '../../contracts/sam2-network';
import type { PromptableSegmenter } from '../../contracts/segmenter';
import { isCutieNetwork, isDeaotNetwork, isSam2Network, isXmemNetwork, type VideoNetwork } from '../../contracts/video-network';
import type { XmemNetwork } from '../../contracts/xmem-network';

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

/** For every method of a network that takes a signal: how many arguments come before it. The compiler refuses a table in which one is missing. */
type Runs<Network> = {
  readonly [Name in keyof Network as ArgumentsBeforeSignal<Network[Name]> extends never ? never : Name]: ArgumentsBeforeSignal<Network[Name]>;
};
type ArgumentsBeforeSignal<Method> = Method extends (...given: infer Given) => Promise<unknown> ? (Required<Given> extends [...infer Before, AbortSignal] ? Before['length'] : never) : never;

const SEGMENTER: Runs<PromptableSegmenter> = { encode: 1, decode: 2, decodePoints: 2 };
const MEMORY: Runs<MemoryNetwork> = { key: 1, value: 4, read: 1 };
const SAM2: Runs<Sam2Network> = { attend: 2, decodeObjects: 4, remember: 4 };
const CUTIE: Runs<CutieNetwork> = { encodeFrame: 1, affinity: 4, segment: 2, updateSensory: 4, encodeMasks: 5 };
const XMEM: Runs<XmemNetwork> = { encodeFrame: 1, affinity: 4, segment: 4, encodeValues: 5 };
const DEAOT: Runs<DeaotNetwork> = { encode: 1, propagate: 3, refer: 2, identify: 3 };

function runsOf(network: VideoNetwork): Readonly<Record<string, number>> {
  if (isSam2Network(network)) return SAM2;
  if (isDeaotNetwork(network)) return DEAOT;
  if (isCutieNetwork(network)) return CUTIE;
  if (isXmemNetwork(network)) return XMEM;
  network satisfies MemoryNetwork;
  return MEMORY;
}

/**
 * A segmenter as it is, but before every network run pending messages are read and the signal is checked, and after every run `onRun` is
 * called (the sign of life that the watchdog listens to).
 */
export function cooperativeSegmenter(inner: PromptableSegmenter, signal: AbortSignal, onRun: () => void): PromptableSegmenter {
  return cooperative(inner, SEGMENTER, signal, onRun);
}

/** The same for the networks of the memory tracker. */
export function cooperativeMemory(inner: VideoNetwork, signal: AbortSignal, onRun: () => void): VideoNetwork {
  return cooperative(inner, runsOf(inner), signal, onRun);
}

function cooperative<Network extends object>(inner: Network, runs: Readonly<Record<string, number>>, signal: AbortSignal, onRun: () => void): Network {
  const run = cooperatively(signal, onRun);
  return new Proxy(inner, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const before = typeof name === 'string' ? runs[name] : undefined;
      if (before === undefined) return member.bind(target) as unknown;
      return (...given: unknown[]) => run(() => member.apply(target, [...given.slice(0, before), signal]) as Promise<unknown>);
    },
  });
}
