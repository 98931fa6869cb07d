import type { BoxXywh } from '../core/geometry/boxes';
import type { CocoRle } from '../core/mask/types';

/** The mask that shows an object best, for its thumbnail. */
export interface BestMask {
  readonly position: number;
  /** Seconds. */
  readonly time: number;
  readonly bbox: BoxXywh;
  readonly segmentation: CocoRle;
}

/** When one object is visible, for the list and the lanes of the page. */
export interface ObjectTimeline {
  readonly id: number;
  readonly frames: number;
  /** Mean of the mask's area over the frames on which it is visible, in pixels. */
  readonly meanArea: number;
  /** Mean of the scores, 0..1. */
  readonly meanScore: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Flat list of positions: visible in [spans[0], spans[1]), [spans[2], spans[3]), … */
  readonly spans: readonly number[];
  readonly best: BestMask;
}

/** One mask of a frame, as a line of masks.jsonl has it. */
export interface SeenMask {
  readonly id: number;
  readonly score: number;
  readonly area: number;
  readonly bbox: BoxXywh;
  readonly segmentation: CocoRle;
}

interface Entry {
  frames: number;
  areaSum: number;
  scoreSum: number;
  firstTime: number;
  lastTime: number;
  spans: number[];
  /** Gaps up to this many positions are drawn as visible; grows when an object flickers too much to draw. */
  bridge: number;
  best: BestMask;
  bestWorth: number;
}

/** Most visible spans kept per object; far more than a lane has pixels for. */
const MAX_SPANS = 600;

/** Collects what the page knows of every object from frames in order; memory is bounded per object. */
export class ObjectTimelines {
  private readonly entries = new Map<number, Entry>();

  /** @param position 0-based processed frame, ascending. @param time seconds. */
  add(position: number, time: number, mask: SeenMask): void {
    const { id, score, area, bbox, segmentation } = mask;
    // Large and certain: a thumbnail of that mask shows most.
    const worth = area * Math.max(0.01, score);
    const entry = this.entries.get(id);
    if (entry === undefined) {
      const best = { position, time, bbox, segmentation };
      this.entries.set(id, { frames: 1, areaSum: area, scoreSum: score, firstTime: time, lastTime: time, spans: [position, position + 1], bridge: 0, best, bestWorth: worth });
      return;
    }
    entry.frames++;
    entry.areaSum += area;
    entry.scoreSum += score;
    entry.lastTime = time;
    if (worth > entry.bestWorth) {
      entry.best = { position, time, bbox, segmentation };
      entry.bestWorth = worth;
    }
    const last = entry.spans.length - 1;
    if (position - entry.spans[last]! <= entry.bridge) entry.spans[last] = position + 1;
    else entry.spans.push(position, position + 1);
    if (entry.spans.length > MAX_SPANS * 2) coarsen(entry);
  }

  /** All objects in order of ID. */
  finish(): ObjectTimeline[] {
    return [...this.entries.entries()]
      .sort(([a], [b]) => a - b)
      .map(([id, { frames, areaSum, scoreSum, firstTime, lastTime, spans, best }]) => ({
        id,
        frames,
        meanArea: Math.round(areaSum / frames),
        meanScore: Math.round((scoreSum / frames) * 1e4) / 1e4,
        firstTime,
        lastTime,
        spans,
        best,
      }));
  }
}

/** Doubles the bridged gap until half of the spans are gone. */
function coarsen(entry: Entry): void {
  while (entry.spans.length > MAX_SPANS) {
    entry.bridge = entry.bridge * 2 + 1;
    const merged = [entry.spans[0]!, entry.spans[1]!];
    for (let i = 2; i < entry.spans.length; i += 2) {
      if (entry.spans[i]! - merged[merged.length - 1]! <= entry.bridge) merged[merged.length - 1] = entry.spans[i + 1]!;
      else merged.push(entry.spans[i]!, entry.spans[i + 1]!);
    }
    entry.spans = merged;
  }
}
