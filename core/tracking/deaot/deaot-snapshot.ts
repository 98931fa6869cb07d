import type { DeaotSettings } from '../../../contracts/deaot-network';
import { ByteReader, ByteWriter } from '../byte-codec';
import { Competition } from '../memory/competition';
import { IdentityGroup, type GroupFrame } from './identity-group';
import type { Size } from './label-maps';
import type { StoredValues } from './stored-values';

const SNAPSHOT_MAGIC = 0x44414f54; // "DAOT"

/** Everything a DeAOT tracker carries from frame to frame. */
export interface DeaotState {
  /** Position of the current frame. */
  readonly position: number;
  /** Size of the network's input. */
  readonly size: Size;
  readonly groups: readonly IdentityGroup[];
  readonly competition: Competition;
}

/** The state as bytes, memories in half precision: about (kept_channels + identified_channels) * cells * 2 for each group and remembered frame. */
export function encodeDeaotState({ position, size, groups, competition }: DeaotState): Uint8Array {
  const out = new ByteWriter().uint(SNAPSHOT_MAGIC).uint(position).uint(size.width).uint(size.height).uint(groups.length);
  for (const group of groups) {
    out.uints(group.ids).uint(group.lastMemory);
    // The newest frame is in both memories, or in one: written once.
    const frames = [...new Map([...group.long, ...group.short].map((frame) => [frame.position, frame])).values()];
    out.uint(frames.length);
    for (const frame of frames) writeFrame(out, frame);
    for (const frames of [group.long, group.short]) out.uints(frames.map((frame) => frame.position));
    out.blob(group.current!.labels).blob(bytesOf(group.current!.pending));
    const ids = group.liveIds();
    for (const list of competition.toLists(ids)) out.uints(list);
  }
  return out.finish();
}

/** @throws RangeError when the bytes are no snapshot of a tracker with these settings */
export function decodeDeaotState(snapshot: Uint8Array, settings: DeaotSettings): DeaotState {
  const from = new ByteReader(snapshot);
  if (from.uint() !== SNAPSHOT_MAGIC) throw new RangeError('not a snapshot of the DeAOT tracker');
  const position = from.uint();
  const size = { width: from.uint(), height: from.uint() };
  const groups: IdentityGroup[] = [];
  const ids: number[] = [];
  const partners: Uint32Array[] = [];
  for (let left = from.uint(); left > 0; left--) {
    const group = new IdentityGroup(settings);
    group.ids = Array.from(from.uints());
    if (group.ids.length !== settings.max_obj_num) throw new RangeError('a snapshot has groups of another size');
    group.lastMemory = from.uint();
    const frames = new Map(Array.from({ length: from.uint() }, () => readFrame(from, settings)).map((frame) => [frame.position, frame]));
    [group.long, group.short] = [readList(from, frames), readList(from, frames)];
    const labels = from.blob();
    if (labels.length !== size.width * size.height) throw new RangeError('labels in a snapshot have the wrong size');
    group.current = { labels, pending: halfsOf(from.blob()) };
    groups.push(group);
    ids.push(...group.liveIds());
    for (const _ of group.liveIds()) partners.push(from.uints());
  }
  from.end();
  return { position, size, groups, competition: Competition.fromLists(ids, partners) };
}

function writeFrame(out: ByteWriter, { position, ids, given, kept, identified }: GroupFrame): void {
  out.uint(position).uints(ids).uints([...given]).blob(bytesOf(kept)).blob(bytesOf(identified));
}

function readFrame(from: ByteReader, { kept_channels: kept, identified_channels: identified }: DeaotSettings): GroupFrame {
  const frame = { position: from.uint(), ids: Array.from(from.uints()), given: new Set(from.uints()), kept: halfsOf(from.blob()), identified: halfsOf(from.blob()) };
  if (frame.kept.length % kept !== 0 || frame.identified.length * kept !== frame.kept.length * identified) throw new RangeError('a memory in a snapshot has the wrong size');
  return frame;
}

function readList(from: ByteReader, frames: ReadonlyMap<number, GroupFrame>): GroupFrame[] {
  return Array.from(from.uints(), (position) => {
    const frame = frames.get(position);
    if (!frame) throw new RangeError('a snapshot names a frame that it does not hold');
    return frame;
  });
}

function bytesOf(values: StoredValues): Uint8Array {
  if (values instanceof Float32Array) throw new RangeError('a tracker with exact memories has no snapshots');
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function halfsOf(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
}
