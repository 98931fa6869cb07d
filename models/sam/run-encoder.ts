import type { ImageEmbedding } from '../../contracts/segmenter';
import { takeOutput, type OrtSession } from '../runtime/ort-session';
import type { InputFrame } from './sam-preprocess';

/** One picture through an encoder graph of a bundle of the family sam. @throws VamgError InferenceFailed, ResourceExhausted */
export async function runEncoder(encoder: OrtSession, inputSize: number, { pixels, ...sizes }: InputFrame): Promise<ImageEmbedding> {
  const outputs = await encoder.run({ image: { data: pixels, dims: [1, 3, inputSize, inputSize] } });
  const features = takeOutput(outputs, 'image_embeddings');
  const early = (name: 'stride4' | 'stride8'): Pick<ImageEmbedding, 'stride4' | 'stride8'> => {
    if (!(`${name}_features` in outputs)) return {};
    const { data, dims } = takeOutput(outputs, `${name}_features`);
    return { [name]: { data, channels: dims[1]!, gridSize: dims[2]! } };
  };
  return {
    data: features.data,
    channels: features.dims[1]!,
    gridSize: features.dims[2]!,
    inputSize,
    ...sizes,
    ...early('stride4'),
    ...early('stride8'),
  };
}
