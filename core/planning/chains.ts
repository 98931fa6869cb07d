import type { ChunkSpec, PlannedChunk } from './plan-chunks';

/**
 * Chunks in a row of which each goes on where the one before it stopped: tracked one after the other, with one set of localIds. To
 * stitching a chain is one chunk. `index` counts chains.
 */
export interface Chain extends ChunkSpec {
  /** Its chunks: [firstChunk, endChunk). */
  readonly firstChunk: number;
  readonly endChunk: number;
}

/** The chains of a plan, in order. */
export function chainsOf(chunks: readonly PlannedChunk[]): Chain[] {
  const chains: Chain[] = [];
  for (const { index, startFrame, endFrame, ownedStart, ownedEnd, continuesPrevious } of chunks) {
    const last = chains.at(-1);
    if (continuesPrevious && last) chains[chains.length - 1] = { ...last, endFrame, ownedEnd, endChunk: index + 1 };
    else chains.push({ index: chains.length, startFrame, endFrame, ownedStart, ownedEnd, firstChunk: index, endChunk: index + 1 });
  }
  return chains;
}

/** The chain that holds a chunk. @throws RangeError for a chunk in none */
export function chainWith(chains: readonly Chain[], chunk: number): Chain {
  const found = chains.find(({ firstChunk, endChunk }) => chunk >= firstChunk && chunk < endChunk);
  if (!found) throw new RangeError(`chunk ${chunk} is in no chain`);
  return found;
}

/** Most chunks of which each is written as a character that people can read. */
const READABLE_CHUNKS = 16_384;

/**
 * The chains of a plan in few bytes, a character per chunk: '+' for one that goes on where the one before it stopped, '|' for one that
 * starts afresh. Of very many chunks four to a character, a hexadecimal digit, the first one's bit the highest: 64 KB hold 262,144.
 */
export function writeChains(chunks: readonly Pick<PlannedChunk, 'continuesPrevious'>[]): string {
  if (chunks.length <= READABLE_CHUNKS) return chunks.map(({ continuesPrevious }) => (continuesPrevious ? '+' : '|')).join('');
  let text = '';
  for (let at = 0; at < chunks.length; at += 4) text += [0, 1, 2, 3].reduce((bits, i) => 2 * bits + Number(chunks[at + i]?.continuesPrevious ?? false), 0).toString(16);
  return text;
}

/** Whether a chunk goes on where the one before it stopped, from writeChains. */
export function isContinuation(chains: string, chunk: number): boolean {
  // No chunk comes before the first one, so that the readable form begins with '|'.
  if (chains.startsWith('|')) return chains[chunk] === '+';
  return ((parseInt(chains[chunk >> 2] ?? '0', 16) >> (3 - (chunk & 3))) & 1) === 1;
}

/**
 * The order in which chunks are begun: of all chains the first one, then of all the second, …, so that as many chains as possible
 * run side by side and no chunk comes before the one that it continues.
 * @param chains as from writeChains
 */
export function startOrder(chains: string, chunkCount: number): number[] {
  let row = 0;
  const rows = Array.from({ length: chunkCount }, (_, chunk) => ({ chunk, row: (row = isContinuation(chains, chunk) ? row + 1 : 0) }));
  return rows.sort((a, b) => a.row - b.row || a.chunk - b.chunk).map(({ chunk }) => chunk);
}
