import { queriesPerRun } from '../../models/token-memory/token-model';
import type { FloatTensor } from '../../models/runtime/ort-session';
import { drawnPicture, repeated } from './case-tensors';
import type { GraphCase } from './graph-case';

/** A picture as the encoders of Cutie and XMem take it: RGB 0..1, [1, 3, height, width]. */
export function pictureInRange(width: number, height: number): FloatTensor {
  const drawn = drawnPicture(width, height);
  return { ...drawn, data: drawn.data.map((value) => Math.min(1, Math.max(0, 0.5 + value / 5))) };
}

/** What an encoder says of a frame for matching: [cells, key_dim], [cells], [cells, key_dim]. */
export interface KeyedFrame {
  readonly key: FloatTensor;
  readonly shrinkage: FloatTensor;
  readonly selection: FloatTensor;
}

/** As many cells as one run takes, matched with so many frames that are all alike. */
export function affinityCase({ key, shrinkage, selection }: KeyedFrame, cells: number, frames: number): GraphCase {
  const asked = Math.min(cells, queriesPerRun(frames * cells));
  const channels = key.data.length / cells;
  const some = ({ data }: FloatTensor): FloatTensor => ({ data: data.subarray(0, asked * channels), dims: [asked, channels] });
  const feeds = { keys: repeated({ ...key, dims: [cells, channels] }, frames), shrinkage: repeated({ ...shrinkage, dims: [cells] }, frames), query: some(key), selection: some(selection) };
  return { role: 'affinity', batch: `${asked} cells, ${frames} frames`, feeds };
}
