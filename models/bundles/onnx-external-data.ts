import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VamgError } from '../../contracts/errors';
import { bundleFileName, type BundleManifest } from './bundle-manifest';

/**
 * Messages of onnx.proto3 that lead to tensors: field number -> type of the sub-message. Everything else is passed over.
 * Source: github.com/onnx/onnx, onnx/onnx.proto3.
 */
const MESSAGES = {
  Model: { 7: 'Graph', 20: 'Training', 25: 'Function' },
  Training: { 1: 'Graph', 2: 'Graph' },
  Function: { 7: 'Node', 11: 'Attribute' },
  Graph: { 1: 'Node', 5: 'Tensor', 15: 'SparseTensor' },
  Node: { 5: 'Attribute' },
  Attribute: { 5: 'Tensor', 6: 'Graph', 10: 'Tensor', 11: 'Graph', 22: 'SparseTensor', 23: 'SparseTensor' },
  SparseTensor: { 1: 'Tensor', 2: 'Tensor' },
  Tensor: { 13: 'Entry' },
  Entry: {},
} as const satisfies Record<string, Record<number, string>>;

type MessageName = keyof typeof MESSAGES;

const MAX_DEPTH = 64;

/**
 * Names of the files in which an ONNX graph keeps weights (`location` of its tensors' external_data), without duplicates, as
 * written in the file: they may be anything, so check them before use.
 * @throws VamgError BadConfig when the bytes are not a well-formed ONNX model.
 */
export function findExternalData(model: Uint8Array): string[] {
  const locations = new Set<string>();
  walk(model, 0, model.length, 'Model', 0, locations);
  return [...locations];
}

/**
 * Refuse a graph that would read files which the manifest does not list for it.
 * @throws VamgError BadConfig
 */
export function checkExternalData(model: Uint8Array, fileName: string, allowed: readonly string[]): void {
  for (const location of findExternalData(model)) {
    if (!bundleFileName.safeParse(location).success)
      throw new VamgError('BadConfig', `${fileName} refers to ${JSON.stringify(location)}; weights must lie beside the graph.`);
    if (!allowed.includes(location))
      throw new VamgError('BadConfig', `${fileName} keeps weights in ${location}, which its manifest entry does not list under "external".`);
  }
}

/**
 * Refuse a file of a bundle if it is a graph that reads files which its manifest entry does not list.
 * @param directory folder in which the file lies
 * @throws VamgError BadConfig
 */
export async function checkGraph(directory: string, manifest: BundleManifest, fileName: string): Promise<void> {
  const graph = manifest.files.find(({ path }) => path === fileName && path.endsWith('.onnx'));
  if (graph !== undefined) checkExternalData(await readFile(join(directory, fileName)), fileName, graph.external);
}

function walk(data: Uint8Array, from: number, to: number, message: MessageName, depth: number, locations: Set<string>): void {
  if (depth > MAX_DEPTH) throw malformed();
  const children: Readonly<Record<number, MessageName>> = MESSAGES[message];
  let key = '';
  let value = '';
  for (let at = from; at < to; ) {
    const [tag, afterTag] = readVarint(data, at, to);
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    at = afterTag;
    if (wire === 0) at = readVarint(data, at, to)[1];
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const [length, start] = readVarint(data, at, to);
      at = start + length;
      if (at > to) throw malformed();
      const child = children[field];
      if (child) walk(data, start, at, child, depth + 1, locations);
      else if (message === 'Entry' && field === 1) key = decodeText(data, start, at);
      else if (message === 'Entry' && field === 2) value = decodeText(data, start, at);
    } else throw malformed();
    if (at > to) throw malformed();
  }
  if (message === 'Entry' && key === 'location') locations.add(value);
}

function readVarint(data: Uint8Array, at: number, to: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    if (at + i >= to) throw malformed();
    const byte = data[at + i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at + i + 1];
  }
  throw malformed();
}

function decodeText(data: Uint8Array, from: number, to: number): string {
  return new TextDecoder().decode(data.subarray(from, to));
}

function malformed(): VamgError {
  return new VamgError('BadConfig', 'The file is not a well-formed ONNX model.');
}
