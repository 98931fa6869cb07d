import { deaotSettingsSchema, type DeaotAnswer, type DeaotFrame, type DeaotMemory, type DeaotNetwork, type DeaotSettings, type DeaotTokens } from '../../../contracts/deaot-network';
import type { RgbImage } from '../../../contracts/segmenter';

const CELL = 16;
const IDENTITIES = 3;
/** Red, green, blue of an identity, and 1 where it is there. */
const PER_IDENTITY = 4;

export const FAKE_DEAOT_SETTINGS: DeaotSettings = deaotSettingsSchema.parse({
  max_obj_num: IDENTITIES,
  align_corners: false,
  long_term_mem_gap: 2,
  short_term_mem_skip: 1,
  max_len_long_term: 4,
  kept_channels: 1,
  identified_channels: IDENTITIES * PER_IDENTITY,
  pending_channels: 3 * CELL * CELL,
});

/** Recognises drawn shapes by colour: what is remembered of an identity is its mean colour; its mask is all cells of a remembered colour. */
export class FakeDeaotNetwork implements DeaotNetwork {
  /** Remembered cells of every look-up. */
  readonly lengths: { long: number; short: number }[] = [];
  encoded = 0;

  constructor(readonly settings: DeaotSettings = FAKE_DEAOT_SETTINGS) {}

  async encode({ width, height, data }: RgbImage, signal?: AbortSignal): Promise<DeaotFrame> {
    signal?.throwIfAborted();
    this.encoded++;
    return { width, height, columns: width / CELL, rows: height / CELL, maps: { embedding: { data: Float32Array.from(data, (value) => value / 256), dims: [height, width, 3] } } };
  }

  async propagate(frame: DeaotFrame, long: DeaotMemory, short: DeaotMemory): Promise<DeaotAnswer> {
    this.lengths.push({ long: long.kept.length, short: short.kept.length });
    const [gridWidth, gridHeight] = [frame.width / 4, frame.height / 4];
    const area = gridWidth * gridHeight;
    const logits = new Float32Array((IDENTITIES + 1) * area).fill(-8, area);
    const { data } = frame.maps['embedding']!;
    for (const memory of [long.identified, short.identified])
      for (let at = 0; at < memory.length; at += IDENTITIES * PER_IDENTITY * frame.columns * frame.rows)
        for (let identity = 0; identity < IDENTITIES; identity++) {
          const [red, green, blue, known] = memory.subarray(at + identity * PER_IDENTITY);
          if (known !== 1) continue;
          for (let i = 0; i < area; i++) {
            const pixel = 3 * (((i / gridWidth) | 0) * 4 * frame.width + (i % gridWidth) * 4 + 2 * frame.width + 2);
            const isLike = [red!, green!, blue!].every((value, c) => Math.abs(value - data[pixel + c]!) < 0.12);
            if (isLike) logits[(identity + 1) * area + i] = 8;
          }
        }
    return { logits, gridWidth, gridHeight, ...this.tokens(frame) };
  }

  async refer(frame: DeaotFrame, labels: Uint8Array): Promise<DeaotMemory & DeaotTokens> {
    const tokens = this.tokens(frame);
    return { ...tokens, identified: await this.identify(tokens.pending, labels, frame) };
  }

  async identify(pending: Float32Array, labels: Uint8Array, { width, height }: Pick<DeaotFrame, 'width' | 'height'>): Promise<Float32Array> {
    const one = new Float32Array(IDENTITIES * PER_IDENTITY);
    const areas = new Float64Array(IDENTITIES + 1);
    for (const label of labels) areas[label]!++;
    for (const [i, label] of labels.entries()) if (label > 0) for (let c = 0; c < 3; c++) one[(label - 1) * PER_IDENTITY + c]! += pending[3 * i + c]! / areas[label]!;
    for (let identity = 1; identity <= IDENTITIES; identity++) one[identity * PER_IDENTITY - 1] = areas[identity]! > 0 ? 1 : 0;
    const out = new Float32Array(((width * height) / CELL ** 2) * one.length);
    for (let at = 0; at < out.length; at += one.length) out.set(one, at);
    return out;
  }

  inferenceMs(): number {
    return 0;
  }

  async dispose(): Promise<void> {}

  private tokens({ columns, rows, maps }: DeaotFrame): DeaotTokens {
    return { kept: new Float32Array(columns * rows), pending: maps['embedding']!.data };
  }
}
