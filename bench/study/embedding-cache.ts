import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageEmbedding, PromptableSegmenter } from '../../contracts/segmenter';

/** A segmenter whose encoder output comes from disk where an earlier run left it, and that counts its prompts. */
export interface StudySegmenter extends PromptableSegmenter {
  /** Prompts given to `decode` so far. */
  promptCount(): number;
}

/** Keyed by picture, input size and encoder (`bundle`: any text that changes with it). */
export function cacheEmbeddings(model: PromptableSegmenter, folder: string, bundle: string): StudySegmenter {
  mkdirSync(folder, { recursive: true });
  let prompts = 0;
  return {
    inputSize: model.inputSize,
    encode: async (image, signal): Promise<ImageEmbedding> => {
      const key = createHash('sha256').update(bundle).update(image.data).digest('hex').slice(0, 24);
      const file = join(folder, `${key}-${model.inputSize}`);
      if (existsSync(`${file}.json`)) return readEmbedding(file);
      const embedding = await model.encode(image, signal);
      writeEmbedding(file, embedding);
      return embedding;
    },
    decode: (embedding, batch, signal) => {
      prompts += batch.count;
      return model.decode(embedding, batch, signal);
    },
    decodePoints: (embedding, batch, signal) => model.decodePoints(embedding, batch, signal),
    inferenceMs: () => model.inferenceMs(),
    dispose: () => model.dispose(),
    promptCount: () => prompts,
  };
}

function writeEmbedding(file: string, { data, stride8, ...rest }: ImageEmbedding): void {
  writeFileSync(`${file}.emb`, bytesOf(data));
  if (stride8) writeFileSync(`${file}.s8`, bytesOf(stride8.data));
  writeFileSync(`${file}.json`, JSON.stringify({ ...rest, ...(stride8 ? { stride8: { channels: stride8.channels, gridSize: stride8.gridSize } } : {}) }));
}

function readEmbedding(file: string): ImageEmbedding {
  const { stride8, ...rest } = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Omit<ImageEmbedding, 'data'>;
  return { ...rest, data: readFloats(`${file}.emb`), ...(stride8 ? { stride8: { ...stride8, data: readFloats(`${file}.s8`) } } : {}) };
}

function bytesOf(data: Float32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
