import type { CutieFrame, CutieNetwork, CutieSettings } from '../../../contracts/cutie-network';
import { concatenate, takePart } from '../object-parts';
import type { PaddingRules } from '../token-memory/padded-layout';
import { TokenTracker, type EncodedMasks, type LeftFrame, type TokenTrackerDeps } from '../token-memory/token-tracker';
import { cutieCodec, type LastMasks } from './cutie-codec';
import { masksOfCutieLogits, poolToCells } from './cutie-masks';
import { CutieMemory, type CutieObject } from './cutie-memory';
import { staggeredTimes } from './stagger';

/** How the networks take pictures. */
export function cutiePadding({ max_internal_size }: CutieSettings): PaddingRules {
  return { shorterSide: max_internal_size, enlarges: false, nearest: 'nearest-exact', ground: [0, 0, 0] };
}

/**
 * Follows masks with Cutie's networks and the rules of its inference (inference_core.py, memory_manager.py).
 * Cost per frame: one encoder run, one reading of memory for all objects that came on one frame, one decoder run for each `chunk_size`
 * objects; on every `mem_every`-th frame the mask encoder for each object.
 */
export class CutieTracker extends TokenTracker<CutieFrame, CutieNetwork, CutieObject, CutieMemory, LastMasks> {
  private readonly staggered: ReadonlySet<number>;

  constructor(deps: TokenTrackerDeps<CutieNetwork, CutieMemory>) {
    const { settings } = deps.network;
    super(deps, {
      padding: cutiePadding(settings),
      masksOfLogits: masksOfCutieLogits,
      memEvery: settings.mem_every,
      objectsPerRun: settings.chunk_size,
      codec: cutieCodec(settings),
      emptyMemory: () => new CutieMemory(settings),
      ownAtStart: () => new Map(),
    });
    this.staggered = staggeredTimes(settings.mem_every, settings.stagger_updates);
  }

  /** Their sensory memory goes on. */
  protected async segment(frame: CutieFrame, states: readonly CutieObject[], ids: readonly number[], readout: Float32Array): Promise<Float32Array> {
    const { network, signal } = this.deps;
    const objects = ids.length;
    const sensory = concatenate(states.map((state) => state.sensory));
    const lastMasks = concatenate(ids.map((id) => this.own.get(id)!));
    const summaries = concatenate(states.map((state) => state.summaries!));
    const { logits, update } = await network.segment(frame, { objects, readout, sensory, lastMasks, summaries }, signal);
    if (this.staggered.has(this.time - this.remembered)) {
      const updated = await network.updateSensory(frame, objects, update, sensory, signal);
      states.forEach((state, i) => (state.sensory = takePart(updated, i, objects)));
    }
    return logits;
  }

  protected leave({ ids, masks, ...grid }: LeftFrame): void {
    this.own = new Map(ids.map((id, i) => [id, poolToCells(masks[i]!, grid)]));
  }

  protected async encodeMasks({ frame, ids, masks, others }: EncodedMasks<CutieFrame>, states: readonly CutieObject[]): Promise<Float32Array> {
    const objects = ids.length;
    const found = await this.deps.network.encodeMasks(frame, objects, concatenate(states.map((state) => state.sensory)), masks, others, this.deps.signal);
    ids.forEach((id, i) => {
      states[i]!.sensory = takePart(found.sensory, i, objects);
      this.memory.addSummaries(id, takePart(found.summaries, i, objects));
    });
    return found.values;
  }

  protected newState(cells: number): CutieObject {
    return { sensory: new Float32Array(this.deps.network.settings.sensory_dim * cells), summaries: null };
  }
}
