import type { Sam2Settings } from '../../../contracts/sam2-network';

/** What is remembered of one object on one frame. */
export interface FrameMemory {
  /** [mem_dim, places], packed (packBfloats); null when it can no longer be read. */
  memory: Uint16Array | null;
  /** [hidden_dim] */
  readonly pointer: Float32Array;
}

/** What of an object's memory is looked at on one frame, in the order of upstream. */
export interface MemorySelection {
  readonly memories: readonly { readonly time: number; readonly memory: Uint16Array }[];
  readonly pointers: readonly { readonly distance: number; readonly pointer: Float32Array }[];
}

type MemoryRules = Pick<Sam2Settings, 'num_maskmem' | 'max_cond_frames_in_attn' | 'max_obj_ptrs_in_encoder' | 'memory_temporal_stride_for_eval'>;

/**
 * The memory bank of one object (sam2_base.py, `_prepare_memory_conditioned_features`): conditioning frames, on which its mask was given, and the
 * last tracked ones. Upstream keeps every frame; here a frame goes when, with time running on in one direction, it cannot be read any more, so that
 * there are at most `num_maskmem` memories and `max_obj_ptrs_in_encoder` pointers besides those of conditioning frames.
 */
export class ObjectMemory {
  readonly conditioning = new Map<number, FrameMemory>();
  readonly tracked = new Map<number, FrameMemory>();

  constructor(private readonly rules: MemoryRules) {}

  /** @param step 1 for time running forward, -1 backward */
  select(frame: number, step: 1 | -1): MemorySelection {
    const { num_maskmem: frames, max_obj_ptrs_in_encoder: most } = this.rules;
    const selected = this.selectConditioning(frame);
    const memories = selected.flatMap((at) => this.memoryOf(this.conditioning.get(at), frames - 1));
    for (let time = 1; time < frames; time++) {
      const at = this.readAt(frame, step, frames - time);
      memories.push(...this.memoryOf(this.tracked.get(at) ?? this.unselected(at, selected), frames - time - 1));
    }
    const pointers = selected.map((at) => ({ distance: Math.abs(frame - at) / (most - 1), pointer: this.conditioning.get(at)!.pointer }));
    for (let away = 1; away < most; away++) {
      const at = frame - step * away;
      const known = this.tracked.get(at) ?? this.unselected(at, selected);
      if (known) pointers.push({ distance: away / (most - 1), pointer: known.pointer });
    }
    return { memories, pointers };
  }

  /** Forget what no later frame reads. `frame` is the current one. */
  trim(frame: number, step: 1 | -1): void {
    const { memory_temporal_stride_for_eval: stride, num_maskmem: frames, max_obj_ptrs_in_encoder: most } = this.rules;
    const oldestMemory = stride * (frames - 2);
    const near = (at: number): boolean => (frame - at) * step < most - 1;
    const isRead = (at: number): boolean => at === frame || (at % stride === 0 && (frame - at) * step <= oldestMemory);
    for (const [at, known] of this.tracked) {
      if (!isRead(at)) known.memory = null;
      if (!known.memory && !near(at)) this.tracked.delete(at);
    }
    const kept = new Set(this.selectConditioning(frame + step));
    for (const at of this.conditioning.keys()) if (!kept.has(at) && !isRead(at) && !near(at)) this.conditioning.delete(at);
  }

  /** Forget tracked frames within reach of one that was corrected (`clear_non_cond_mem_around_input`). */
  clearAround(frame: number): void {
    const reach = this.rules.memory_temporal_stride_for_eval * this.rules.num_maskmem;
    for (const at of this.tracked.keys()) if (Math.abs(at - frame) <= reach) this.tracked.delete(at);
  }

  /** The conditioning frames that are looked at: the nearest in time, all of which lie on one side of the frame. */
  private selectConditioning(frame: number): number[] {
    const most = this.rules.max_cond_frames_in_attn;
    const nearest = [...this.conditioning.keys()].sort((a, b) => Math.abs(a - frame) - Math.abs(b - frame));
    return most === -1 ? nearest : nearest.slice(0, most);
  }

  private unselected(at: number, selected: readonly number[]): FrameMemory | undefined {
    return selected.includes(at) ? undefined : this.conditioning.get(at);
  }

  /** The frame that is read as the one `back` steps ago: the last one, and before it every stride-th. */
  private readAt(frame: number, step: 1 | -1, back: number): number {
    if (back === 1) return frame - step;
    const { memory_temporal_stride_for_eval: stride } = this.rules;
    const nearest = step === 1 ? Math.floor((frame - 2) / stride) * stride : Math.ceil((frame + 2) / stride) * stride;
    return nearest - step * (back - 2) * stride;
  }

  private memoryOf(known: FrameMemory | undefined, time: number): { time: number; memory: Uint16Array }[] {
    return known?.memory ? [{ time, memory: known.memory }] : [];
  }
}
