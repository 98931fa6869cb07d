import type { TrackletRecord } from '../../contracts/artefacts';
import type { Rle } from '../mask/types';
import { emptyAppearance, type AppearanceModel } from './appearance';
import type { ByteReader, ByteWriter } from './byte-codec';
import { readAppearance, writeAppearance } from './object-state';

/** One identity within a chunk, from birth to end. */
export interface Track {
  readonly id: number;
  /** The ID that the user gave it, null for an object that was found. With one it is pinned: always confirmed, never dropped. */
  givenId: number | null;
  /** Position of the detection or prompt that made it. */
  readonly bornAt: number;
  confirmed: boolean;
  /** Has no mask on the current frame. */
  lost: boolean;
  /** Detection frames that support it, its birth included. */
  support: number;
  /** Detection frames in a row without support. */
  missed: number;
  /** Quality of its latest mask, 0..1. */
  score: number;
  /** How far it has lately moved by itself, see importance.ts. */
  motion: number;
  /** While it is lost: the track that was the same thing when it was seen last, see take-over.ts. */
  heir: number | null;
  /** Its latest mask and where in time that was. */
  lastMask: Rle;
  lastSeen: number;
  readonly appearance: AppearanceModel;
  /** What was written out so far. */
  readonly written: WrittenShare;
}

/** Sums over the lines that hold an object. */
export interface WrittenShare {
  frames: number;
  firstPosition: number;
  lastPosition: number;
  areaSum: number;
  firstArea: number;
  /** Frames on which containment was looked at, and how often each other id held this one. */
  samples: number;
  readonly containers: Map<number, number>;
}

/** Score from which the latest mask of a steady track is a sure one. */
const STEADY_SCORE = 0.85;

export function createTrack(id: number, bornAt: number, mask: Rle, score: number, givenId: number | null = null): Track {
  return {
    id,
    givenId,
    bornAt,
    confirmed: givenId !== null,
    lost: false,
    support: givenId === null ? 1 : 0,
    missed: 0,
    score,
    motion: 0,
    heir: null,
    lastMask: mask,
    lastSeen: bornAt,
    appearance: emptyAppearance(),
    written: { frames: 0, firstPosition: 0, lastPosition: 0, areaSum: 0, firstArea: 0, samples: 0, containers: new Map() },
  };
}

/** Whether the user gave it. */
export function isPinned(track: Track): boolean {
  return track.givenId !== null;
}

/**
 * Whether a track that the rule left unconfirmed counts after all when its scene ends: where the scene had too few detection
 * frames for the rule, full support is enough; and so is having been there without a break, with a sure mask, up to the end
 * and past a detection frame that happened to miss it (detections miss a plain object every other time on small inputs).
 */
export function isConfirmedAtEnd(track: Track, sceneDetections: number, confirmDetections: number): boolean {
  if (sceneDetections < confirmDetections && track.support > 0 && track.support >= sceneDetections) return true;
  const { written, lost, missed, score } = track;
  const span = written.lastPosition - Math.min(written.firstPosition, track.bornAt) + 1;
  return !lost && missed > 0 && score >= STEADY_SCORE && written.frames === span;
}

/** Adds one line's mask to the sums. */
export function countWritten(written: WrittenShare, position: number, area: number): void {
  if (written.frames === 0) {
    written.firstPosition = position;
    written.firstArea = area;
  }
  written.frames++;
  written.lastPosition = position;
  written.areaSum += area;
}

/**
 * The trailer's records for tracks that were written at least once, by id. A parent is the smallest (mean area) of the
 * tracklets that held this one on at least half of the frames looked at.
 * @param formerAreas mean areas of objects that are in no list any more but may be parents, by id
 */
export function toTrackletRecords(tracks: readonly Track[], formerAreas: ReadonlyMap<number, number>): TrackletRecord[] {
  const shown = tracks.filter((track) => track.written.frames > 0).sort((a, b) => a.id - b.id);
  const meanArea = new Map([...formerAreas, ...shown.map(({ id, written }): [number, number] => [id, written.areaSum / written.frames])]);
  return shown.map((track) => {
    const { written } = track;
    let parent: number | null = null;
    for (const id of [...written.containers.keys()].sort((a, b) => a - b)) {
      if (!meanArea.has(id) || written.containers.get(id)! * 2 < written.samples) continue;
      if (parent === null || meanArea.get(id)! < meanArea.get(parent)!) parent = id;
    }
    return {
      localId: track.id,
      firstPosition: written.firstPosition,
      lastPosition: written.lastPosition,
      frames: written.frames,
      meanArea: Math.round(meanArea.get(track.id)! * 100) / 100,
      firstArea: written.firstArea,
      confirmed: track.confirmed,
      ...(track.givenId === null ? {} : { givenId: track.givenId }),
      appearance: Array.from(track.appearance.prototype, (value) => Math.round(value * 1e4) / 1e4 + 0),
      parent,
    };
  });
}

export function writeTrack(out: ByteWriter, track: Track): void {
  out.uint(track.id).uint(track.givenId ?? 0).uint(track.bornAt).flag(track.confirmed).flag(track.lost);
  out.uint(track.support).uint(track.missed).float(track.score).float(track.motion).uint(track.heir ?? 0);
  out.uint(track.lastMask.width).uint(track.lastMask.height).uints(track.lastMask.counts).uint(track.lastSeen);
  writeAppearance(out, track.appearance);
  const { written } = track;
  out.uint(written.frames).uint(written.firstPosition).uint(written.lastPosition).float(written.areaSum).uint(written.firstArea).uint(written.samples);
  out.uints([...written.containers.keys()]).uints([...written.containers.values()]);
}

export function readTrack(from: ByteReader): Track {
  const id = from.uint();
  const givenId = from.uint() || null;
  const bornAt = from.uint();
  const [confirmed, lost] = [from.flag(), from.flag()];
  const [support, missed, score, motion] = [from.uint(), from.uint(), from.float(), from.float()];
  const heir = from.uint() || null;
  const lastMask = { width: from.uint(), height: from.uint(), counts: from.uints() };
  const lastSeen = from.uint();
  const appearance = readAppearance(from);
  const sums = {
    frames: from.uint(),
    firstPosition: from.uint(),
    lastPosition: from.uint(),
    areaSum: from.float(),
    firstArea: from.uint(),
    samples: from.uint(),
  };
  const ids = from.uints();
  const counts = from.uints();
  const containers = new Map(Array.from(ids, (container, i) => [container, counts[i]!]));
  return { id, givenId, bornAt, confirmed, lost, support, missed, score, motion, heir, lastMask, lastSeen, appearance, written: { ...sums, containers } };
}
