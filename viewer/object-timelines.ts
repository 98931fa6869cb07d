/** When one object is visible, for the list and the lanes of the page. */
export interface ObjectTimeline {
  readonly id: number;
  readonly frames: number;
  readonly meanArea: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Flat list of positions: visible in [spans[0], spans[1]), [spans[2], spans[3]), … */
  readonly spans: readonly number[];
}

interface Entry {
  frames: number;
  areaSum: number;
  firstTime: number;
  lastTime: number;
  spans: number[];
  /** Gaps up to this many positions are drawn as visible; grows when an object flickers too much to draw. */
  bridge: number;
}

/** Most visible spans kept per object; far more than a lane has pixels for. */
const MAX_SPANS = 600;

/** Collects the visible spans of every object from frames in order; memory is bounded per object. */
export class ObjectTimelines {
  private readonly entries = new Map<number, Entry>();

  add(position: number, time: number, id: number, area: number): void {
    const entry = this.entries.get(id);
    if (entry === undefined) {
      this.entries.set(id, { frames: 1, areaSum: area, firstTime: time, lastTime: time, spans: [position, position + 1], bridge: 0 });
      return;
    }
    entry.frames++;
    entry.areaSum += area;
    entry.lastTime = time;
    const last = entry.spans.length - 1;
    if (position - entry.spans[last]! <= entry.bridge) entry.spans[last] = position + 1;
    else entry.spans.push(position, position + 1);
    if (entry.spans.length > MAX_SPANS * 2) coarsen(entry);
  }

  /** All objects in order of ID. */
  finish(): ObjectTimeline[] {
    return [...this.entries.entries()]
      .sort(([a], [b]) => a - b)
      .map(([id, e]) => ({ id, frames: e.frames, meanArea: Math.round(e.areaSum / e.frames), firstTime: e.firstTime, lastTime: e.lastTime, spans: e.spans }));
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
