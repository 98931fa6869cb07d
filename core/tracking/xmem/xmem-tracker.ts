import type { XmemFrame, XmemNetwork, XmemSettings } from '../../../contracts/xmem-network';
import { concatenate, takePart } from '../object-parts';
import type { PaddingRules } from '../token-memory/padded-layout';
import { sized, type StateCodec } from '../token-memory/token-state';
import { TokenTracker, type EncodedMasks, type LeftFrame, type TokenTrackerDeps } from '../token-memory/token-tracker';
import { masksOfXmemLogits } from './xmem-masks';
import { XmemMemory, type XmemObject } from './xmem-memory';

/** Objects do not see each other in the decoder, so this bounds memory and changes no mask. */
const OBJECTS_PER_RUN = 4;

/** Mean of ImageNet, which is nothing to the networks: what upstream pads with, since it pads what is normalised already. */
const GROUND = [0.485, 0.456, 0.406] as const;

/** How the networks take pictures. */
export function xmemPadding({ size }: XmemSettings): PaddingRules {
  return { shorterSide: size, enlarges: true, nearest: 'nearest', ground: GROUND };
}

/** Step of the last deep update of the hidden states, plus one; 0 before the first. */
type NextDeepUpdate = number;

/**
 * Follows masks with XMem's networks and the rules of its inference (inference_core.py, memory_manager.py).
 * Cost per frame: one encoder run, one reading of memory for all objects that came on one frame, one decoder run for each object; on every
 * `mem_every`-th frame the value encoder for each object.
 */
export class XmemTracker extends TokenTracker<XmemFrame, XmemNetwork, XmemObject, XmemMemory, NextDeepUpdate> {
  /** Whether the frame that is being remembered brings one. */
  private isDeep = false;

  constructor(deps: TokenTrackerDeps<XmemNetwork, XmemMemory>) {
    const { settings } = deps.network;
    super(deps, {
      padding: xmemPadding(settings),
      masksOfLogits: masksOfXmemLogits,
      memEvery: settings.mem_every,
      objectsPerRun: OBJECTS_PER_RUN,
      codec: xmemCodec(settings),
      emptyMemory: () => new XmemMemory(settings),
      ownAtStart: () => 0,
    });
  }

  /** What becomes of their hidden states waits until the frame is left. */
  protected async segment(frame: XmemFrame, states: readonly XmemObject[], ids: readonly number[], readout: Float32Array): Promise<Float32Array> {
    const { logits, hidden } = await this.deps.network.segment(frame, ids.length, readout, hiddenOf(states), this.deps.signal);
    states.forEach((state, i) => (state.next = takePart(hidden, i, ids.length)));
    return logits;
  }

  /** With `deep_update_every` -1 a remembered frame brings its deep update alone. */
  protected leave({ isKept }: LeftFrame): void {
    const { deep_update_every } = this.deps.network.settings;
    const isSynchronous = deep_update_every < 0;
    for (const state of this.memory.objects.values()) {
      if (state.next && !(isSynchronous && isKept)) state.hidden = state.next;
      state.next = null;
    }
    this.isDeep = isKept && (isSynchronous || this.own === 0 || this.time - (this.own - 1) >= deep_update_every);
    if (this.isDeep) this.own = this.time + 1;
  }

  protected async encodeMasks({ frame, ids, masks, others }: EncodedMasks<XmemFrame>, states: readonly XmemObject[]): Promise<Float32Array> {
    const { values, hidden } = await this.deps.network.encodeValues(frame, ids.length, hiddenOf(states), masks, others, this.deps.signal);
    if (this.isDeep) states.forEach((state, i) => (state.hidden = takePart(hidden, i, ids.length)));
    return values;
  }

  protected newState(cells: number): XmemObject {
    return { hidden: new Float32Array(this.deps.network.settings.hidden_dim * cells), next: null };
  }
}

function hiddenOf(states: readonly XmemObject[]): Float32Array {
  return concatenate(states.map(({ hidden }) => hidden));
}

function xmemCodec({ hidden_dim }: XmemSettings): StateCodec<XmemObject, NextDeepUpdate> {
  return {
    magic: 0x584d4d31, // "XMM1"
    name: 'XMem',
    writeOwn: (out, next) => void out.uint(next),
    readOwn: (from) => from.uint(),
    writeObject: (out, { hidden, next }) => void out.floats(hidden).floats(next ?? new Float32Array(0)),
    readObject: (from, cells) => {
      const hidden = sized(from.floats(), hidden_dim * cells);
      const next = from.floats();
      return { hidden, next: next.length === 0 ? null : sized(next, hidden_dim * cells) };
    },
  };
}
