import type { TokenAffinity, TokenFrame } from '../../contracts/token-network';
import type { FloatTensor } from './ort-session';

/** Bytes of similarities in one run of the affinity; what it needs besides is about as much. */
const SIMILARITY_BYTES = 64 * 1024 * 1024;

/** One run of the graph for some cells; gives so many weights and indices. */
type RunPart = (feeds: Readonly<Record<'keys' | 'shrinkage' | 'query' | 'selection', FloatTensor>>, count: number) => Promise<Pick<TokenAffinity, 'weights' | 'indices'>>;

/** The graph `affinity` of XMem and Cutie (infra/export/common/affinity.py) for all cells of a frame, as many at a time as memory allows. */
export async function runAffinity(
  frame: TokenFrame,
  { tokens, keys, shrinkage }: { readonly tokens: number; readonly keys: Float32Array; readonly shrinkage: Float32Array },
  { keyDim, topK }: { readonly keyDim: number; readonly topK: number },
  run: RunPart,
): Promise<TokenAffinity> {
  const cells = frame.rows * frame.columns;
  const k = Math.min(topK, tokens);
  const found = { k, weights: new Float32Array(cells * k), indices: new Float32Array(cells * k) };
  const most = Math.max(1, Math.floor(SIMILARITY_BYTES / (4 * tokens)));
  for (let from = 0; from < cells; from += most) {
    const some = Math.min(most, cells - from);
    const part = (values: Float32Array): FloatTensor => ({ data: values.subarray(from * keyDim, (from + some) * keyDim), dims: [some, keyDim] });
    const { weights, indices } = await run({ keys: { data: keys, dims: [tokens, keyDim] }, shrinkage: { data: shrinkage, dims: [tokens] }, query: part(frame.key), selection: part(frame.selection) }, some * k);
    found.weights.set(weights, from * k);
    found.indices.set(indices, from * k);
  }
  return found;
}
