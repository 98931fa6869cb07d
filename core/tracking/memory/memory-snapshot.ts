import type { FrameKey, MemoryNetwork } from '../../../contracts/memory-network';
import { ByteReader, ByteWriter } from '../byte-codec';
import type { BankLimits } from './bank-schedule';
import { Competition } from './competition';
import { MemoryBank, type MemoryFrame } from './memory-bank';
import { IdentityWatch } from './identity-watch';
import { makeValues, type MemorySource } from './remember';

const SNAPSHOT_MAGIC = 0x4d454d33; // "MEM3"

/** Everything a memory tracker carries from frame to frame. */
export interface MemoryState {
  readonly ids: readonly number[];
  /** Number of the current frame since the start. */
  readonly index: number;
  readonly competition: Competition;
  readonly bank: MemoryBank;
  readonly watch: IdentityWatch;
}

/**
 * The state as bytes: keys as packed halfs, masks as run lengths; values are left out, since they follow from these. At 512 pixels
 * about 0.5 MB per remembered frame (there are ten at most).
 */
export function encodeMemoryState({ ids, index, competition, bank, watch }: MemoryState): Uint8Array {
  const out = new ByteWriter().uint(SNAPSHOT_MAGIC).uints(ids).uint(index);
  for (const list of competition.toLists(ids)) out.uints(list);
  const { permanent, recent, longTerm, interval } = bank.schedule;
  out.uints(permanent).uints(recent).uints(longTerm).uint(interval);
  watch.write(out);
  const frames = bank.frames();
  out.uint(frames.length);
  for (const frame of frames) writeFrame(out, frame);
  return out.finish();
}

function writeFrame(out: ByteWriter, { index, key, objects }: MemoryFrame): void {
  out.uint(index).uint(key.columns).uint(key.rows).blob(bytesOf(key.key)).blob(bytesOf(key.context));
  out.uint(objects.size);
  for (const id of [...objects.keys()].sort((a, b) => a - b)) {
    const { mask, others, runSize, isGiven } = objects.get(id)!;
    out.uint(id).uint(runSize).uint(isGiven ? 1 : 0).uints(toRuns(mask)).uints(toRuns(others));
  }
}

/** Reads a state back and makes its values anew. @throws RangeError when the bytes are no snapshot of the memory tracker. */
export async function decodeMemoryState(snapshot: Uint8Array, network: MemoryNetwork, limits: BankLimits, signal?: AbortSignal): Promise<MemoryState> {
  const from = new ByteReader(snapshot);
  if (from.uint() !== SNAPSHOT_MAGIC) throw new RangeError('not a snapshot of the memory tracker');
  const ids = Array.from(from.uints());
  const index = from.uint();
  const competition = Competition.fromLists(ids, ids.map(() => from.uints()));
  const schedule = { permanent: Array.from(from.uints()), recent: Array.from(from.uints()), longTerm: Array.from(from.uints()), interval: from.uint() };
  const watch = IdentityWatch.read(from);
  const stored: StoredFrame[] = [];
  for (let left = from.uint(); left > 0; left--) stored.push(readFrame(from));
  from.end();
  const frames: MemoryFrame[] = [];
  for (const { index: number, key, sources } of stored) frames.push({ index: number, key, objects: await makeValues(sources, key, network, signal) });
  return { ids, index, competition, bank: new MemoryBank(schedule, frames, limits), watch };
}

interface StoredFrame {
  readonly index: number;
  readonly key: FrameKey;
  readonly sources: readonly MemorySource[];
}

function readFrame(from: ByteReader): StoredFrame {
  const index = from.uint();
  const [columns, rows] = [from.uint(), from.uint()];
  const key = { columns, rows, key: wordsOf(from.blob()), context: wordsOf(from.blob()) };
  const sources: MemorySource[] = [];
  for (let left = from.uint(); left > 0; left--) {
    const [id, runSize, isGiven] = [from.uint(), from.uint(), from.uint() === 1];
    if (runSize < 1 || runSize > 1024) throw new RangeError('a snapshot holds a run of no size');
    sources.push({ id, runSize, isGiven, mask: fromRuns(from.uints(), columns * rows), others: fromRuns(from.uints(), columns * rows) });
  }
  return { index, key, sources };
}

// Little-endian like everything in a snapshot, and like every machine that Node runs on with onnxruntime.
function bytesOf(words: Uint16Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function wordsOf(bytes: Uint8Array): Uint16Array {
  if (bytes.byteLength % 2 !== 0) throw new RangeError('a snapshot holds half a number');
  return new Uint16Array(bytes.slice().buffer);
}

const LONGEST_RUN = 65535;

/** Runs of equal words, each as word * 65536 + length. */
function toRuns(words: Uint16Array): number[] {
  const runs: number[] = [];
  for (let i = 0; i < words.length; ) {
    const start = i;
    while (i < words.length && words[i] === words[start] && i - start < LONGEST_RUN) i++;
    runs.push(words[start]! * 65536 + (i - start));
  }
  return runs;
}

function fromRuns(runs: Uint32Array, length: number): Uint16Array {
  const words = new Uint16Array(length);
  let at = 0;
  for (const run of runs) words.fill(run >>> 16, at, (at += run & LONGEST_RUN));
  if (at !== length) throw new RangeError('a mask in a snapshot has the wrong size');
  return words;
}
