import type { TrackletRecord, TrackLine } from '../../contracts/artefacts';
import type { CocoRle } from '../../core/mask/types';
import { rleFromStarts } from '../../core/mask/rle';
import { toCocoRle } from '../../core/mask/rle-string';

/** Channels of an appearance vector, as of SAM's encoder. */
const CHANNELS = 256;
/** Things in the film that look different; objects are drawn from them. */
const KINDS = 40;

/** Objects of a made-up film. Of each chain the first ones are there from its start to its end, the others come and go. */
export interface MadeUpFilm {
  readonly width: number;
  readonly height: number;
  /** Seen on any one frame. */
  readonly objects: number;
  /** Of them, those that last as long as the film. */
  readonly lasting: number;
  /** Frames for which one of the others is there. */
  readonly visit: number;
}

/** A number of 0..1 that is always the same for the same numbers. */
export function chance(...seeds: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = Math.imul(state ^ (seed + 0x7f4a7c15), 0x85ebca6b) ^ (state >>> 13);
  state = Math.imul(state ^ (state >>> 16), 0xc2b2ae35);
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
}

/** Who is in place `slot` on a frame: 0 for who lasts, else the number of the visit. */
export function visitAt({ lasting, visit }: MadeUpFilm, slot: number, position: number): number {
  return slot < lasting ? 0 : Math.floor((position + slot * 37) / visit);
}

/** Unit-length looks of who is in a place, 4 decimals: those of its kind, and a little of its own. */
export function looksOf(slot: number, visit: number): number[] {
  const kind = Math.floor(chance(slot, visit, 1) * KINDS);
  const raw = Array.from({ length: CHANNELS }, (_, c) => chance(kind, c, 2) - 0.5 + 0.3 * (chance(slot, visit, c, 3) - 0.5));
  const length = Math.hypot(...raw);
  return raw.map((value) => Math.round((value / length) * 1e4) / 1e4);
}

/** A disc with a ragged border, which drifts; the same on a frame whichever chunk sees it. */
export function maskAt({ width, height, objects }: MadeUpFilm, slot: number, position: number): CocoRle {
  const columns = Math.ceil(Math.sqrt(objects));
  const cell = { width: width / columns, height: height / Math.ceil(objects / columns) };
  const radius = Math.min(cell.width, cell.height) * 0.4;
  const x0 = Math.round(((slot % columns) + 0.5) * cell.width + 0.05 * cell.width * Math.sin(position / 40 + slot));
  const y0 = Math.round((Math.floor(slot / columns) + 0.5) * cell.height);
  const starts: number[] = [];
  for (let x = Math.max(0, Math.ceil(x0 - radius)); x <= Math.min(width - 1, x0 + radius); x++) {
    const half = Math.max(1, Math.round(Math.sqrt(Math.max(0, radius * radius - (x - x0) ** 2)) - 2 * chance(slot, position, x)));
    starts.push(x * height + Math.max(0, y0 - half), x * height + Math.min(height - 1, y0 + half));
  }
  return toCocoRle(rleFromStarts(starts, width, height));
}

export function lineAt(film: MadeUpFilm, position: number, idOf: (slot: number, visit: number) => number): TrackLine {
  const objects = Array.from({ length: film.objects }, (_, slot) => ({ localId: idOf(slot, visitAt(film, slot, position)), score: 0.9, rle: maskAt(film, slot, position) as TrackLine['objects'][number]['rle'] }));
  return { position, hash: position.toString(16).padStart(16, '0'), objects };
}

/** The tracklets of positions [from, to). */
export function trackletsOf(film: MadeUpFilm, from: number, to: number, idOf: (slot: number, visit: number) => number): TrackletRecord[] {
  const area = Math.round((film.width * film.height * 0.4) / film.objects);
  const records: TrackletRecord[] = [];
  for (let slot = 0; slot < film.objects; slot++)
    for (let start = from; start < to; ) {
      const visit = visitAt(film, slot, start);
      let end = start + 1;
      while (end < to && visitAt(film, slot, end) === visit) end++;
      records.push({ localId: idOf(slot, visit), firstPosition: start, lastPosition: end - 1, frames: end - start, meanArea: area, firstArea: area, confirmed: true, appearance: looksOf(slot, visit), parent: null });
      start = end;
    }
  return records;
}

/** Numbers of one chain, from 1 in the order in which they are asked for. */
export function numbering(): (slot: number, visit: number) => number {
  const ids = new Map<string, number>();
  return (slot, visit) => {
    const name = `${slot} ${visit}`;
    const known = ids.get(name) ?? ids.size + 1;
    ids.set(name, known);
    return known;
  };
}
