import type { ImageEmbedding, RgbImage } from '../../contracts/segmenter';
import { takeOutput, type OrtSession } from '../runtime/ort-session';
import { preprocessImage } from './sam-preprocess';

/** One picture through an encoder graph of a bundle of the family sam. @throws VamgError InferenceFailed, ResourceExhausted */
export async function runEncoder(encoder: OrtSession, inputSize: number, image: RgbImage): Promise<ImageEmbedding> {
  const frame = preprocessImage(image, inputSize);
  const outputs = await encoder.run({ image: { data: frame.pixels, dims: [1, 3, inputSize, inputSize] } });
  const features = takeOutput(outputs, 'image_embeddings');
  const early = (name: 'stride4' | 'stride8'): Pick<ImageEmbedding, 'stride4' | 'stride8'> => {
    const output = outputs[`${name}_features`];
    return output ? { [name]: { data: output.data, channels: output.dims[1]!, gridSize: output.dims[2]! } } : {};
  };
  return {
    data: features.data,
    channels: features.dims[1]!,
    gridSize: features.dims[2]!,
    inputSize,
    imageWidth: image.width,
    imageHeight: image.height,
    validWidth: frame.validWidth,
    validHeight: frame.validHeight,
    ...early('stride4'),
    ...early('stride8'),
  };
}
