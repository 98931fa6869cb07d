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

/** The chains of a plan in few bytes, a character per chunk: '+' for one that goes on where the one before it stopped, '|' for one that starts afresh. */
export function writeChains(chunks: readonly Pick<PlannedChunk, 'continuesPrevious'>[]): string {
  return chunks.map(({ continuesPrevious }) => (continuesPrevious ? '+' : '|')).join('');
}

/** Whether a chunk goes on where the one before it stopped, from writeChains. */
export function isContinuation(chains: string, chunk: number): boolean {
  return chains[chunk] === '+';
}

/**
 * The order in which chunks are begun: of all chains the first one, then of all the second, …, so that as many chains as possible
 * run side by side and no chunk comes before the one that it continues.
 * @param chains as from writeChains
 */
export function startOrder(chains: string): number[] {
  let row = 0;
  const rows = Array.from(chains, (_, chunk) => ({ chunk, row: (row = isContinuation(chains, chunk) ? row + 1 : 0) }));
  return rows.sort((a, b) => a.row - b.row || a.chunk - b.chunk).map(({ chunk }) => chunk);
}
