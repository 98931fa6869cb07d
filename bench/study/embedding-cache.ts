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

const EARLY = ['stride4', 'stride8'] as const;

function writeEmbedding(file: string, { data, ...rest }: ImageEmbedding): void {
  writeFileSync(`${file}.emb`, bytesOf(data));
  const about: Record<string, unknown> = { ...rest };
  for (const name of EARLY) {
    const square = rest[name];
    if (!square) continue;
    writeFileSync(`${file}.${name}`, bytesOf(square.data));
    about[name] = { channels: square.channels, gridSize: square.gridSize };
  }
  writeFileSync(`${file}.json`, JSON.stringify(about));
}

function readEmbedding(file: string): ImageEmbedding {
  const about = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Omit<ImageEmbedding, 'data'>;
  const early = EARLY.filter((name) => about[name]).map((name) => [name, { ...about[name], data: readFloats(`${file}.${name}`) }] as const);
  return { ...about, ...Object.fromEntries(early), data: readFloats(`${file}.emb`) };
}

function bytesOf(data: Float32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
