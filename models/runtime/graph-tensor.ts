import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { packHalfs, unpackHalfs } from '../../core/tracking/float16';

/** A float32 tensor, row-major. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A tensor of half-precision floats (IEEE 754 binary16) as bits, row-major. */
export interface HalfTensor {
  readonly data: Uint16Array;
  readonly dims: readonly number[];
}

/** What a graph is fed with and answers. */
export interface GraphTensor {
  readonly data: Float32Array | Uint16Array;
  readonly dims: readonly number[];
}

/** What a run takes or gives, by name. */
export type GraphTensors = Readonly<Record<string, GraphTensor>>;

/** The same numbers as floats. */
export function asFloats({ data, dims }: GraphTensor): FloatTensor {
  return { data: data instanceof Uint16Array ? unpackHalfs(data) : data, dims };
}

/** The same numbers as halfs: floats are rounded, those beyond a half's range clamped. */
export function asHalfs({ data, dims }: GraphTensor): HalfTensor {
  return { data: data instanceof Uint16Array ? data : packHalfs(data), dims };
}

/** An answer of onnxruntime: halfs come as bits, or where the language has them (Node 24) as a Float16Array. */
export function fromOrtTensor({ type, data, dims }: Tensor): GraphTensor {
  if (type !== 'float16') return { data: data as Float32Array, dims };
  const { buffer, byteOffset, length } = data as Uint16Array;
  return { data: new Uint16Array(buffer, byteOffset, length), dims };
}

/** The feed in the precision that the graph takes at this input. */
export function toOrtTensor(feed: GraphTensor, input: InferenceSession.ValueMetadata | undefined): Tensor {
  const takesHalfs = input?.isTensor === true && input.type === 'float16';
  return takesHalfs ? new Tensor('float16', asHalfs(feed).data, feed.dims) : new Tensor('float32', asFloats(feed).data, feed.dims);
}
