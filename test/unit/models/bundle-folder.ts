import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lengthField } from '../../../bench/study/protobuf-bytes';

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** An ONNX model with one initializer whose weights lie in `location`. */
export function onnxWithExternal(location: string): Buffer {
  const entry = (key: string, value: string): Buffer => lengthField(13, lengthField(1, key), lengthField(2, value));
  return lengthField(7, lengthField(5, lengthField(8, 'weights'), entry('location', location), entry('offset', '16')));
}

/** Temporary cache and bundles folders, with VAMG_CACHE and VAMG_MODELS pointing at them. */
export class BundleSandbox {
  readonly root = mkdtempSync(join(tmpdir(), 'vamg-models-'));
  private readonly before = { VAMG_CACHE: process.env['VAMG_CACHE'], VAMG_MODELS: process.env['VAMG_MODELS'] };

  constructor() {
    process.env['VAMG_CACHE'] = join(this.root, 'cache');
    process.env['VAMG_MODELS'] = join(this.root, 'user');
  }

  /** A bundle with one graph and one download, whose file is at the path in VAMG_TEST_WEIGHTS. */
  manifest(name: string, graph: Uint8Array, weights: string, external: string[] = ['weights.bin']): Record<string, unknown> {
    const origin = { licence: 'Apache-2.0', attribution: 'test' };
    return {
      schemaVersion: 1,
      name,
      family: 'sam',
      description: 'test',
      inputSizes: [512],
      files: [{ role: 'encoder-512', path: 'graph.onnx', sha256: sha256(graph), bytes: graph.length, ...origin, external }],
      downloads: [{ name: 'weights.bin', sha256: sha256(weights), bytes: weights.length, ...origin, sources: [{ kind: 'file', env: 'VAMG_TEST_WEIGHTS' }] }],
    };
  }

  write(folder: string, manifest: unknown, graph: Uint8Array): string {
    const directory = join(this.root, folder);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'bundle.json'), JSON.stringify(manifest));
    writeFileSync(join(directory, 'graph.onnx'), graph);
    return directory;
  }

  writeWeights(text: string): void {
    process.env['VAMG_TEST_WEIGHTS'] = join(this.root, 'weights-source.bin');
    writeFileSync(process.env['VAMG_TEST_WEIGHTS'], text);
  }

  dispose(): void {
    delete process.env['VAMG_TEST_WEIGHTS'];
    for (const [key, value] of Object.entries(this.before)) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}
