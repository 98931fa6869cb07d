import type { MaskLine } from '../contracts/pipeline-artefacts';
import type { StitchReport } from '../contracts/stitch-report';
import { doubtfulJoins, inOrderOfTime, type DoubtfulJoins, type JoinSide } from './doubtful-joins';
import type { FrameRange } from './frame-positions';
import { objectEvents, type ObjectEvents } from './object-events';
import { ObjectTimelines } from './object-timelines';
import { renderPage } from './render-page';
import { seenNear } from './seen-near';
import { thumbnailOf } from './thumbnail';

/** What the page needs to know beyond the masks; the publish step has all of it. */
export interface ViewerSummary {
  /** Name of the video, shown as the heading. */
  readonly title: string;
  /** Size of the masks, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Positions (0-based processed frames) at which a chunk's owned range begins, without 0. */
  readonly seams?: readonly number[];
  /** Positions at which a new scene begins, without 0. */
  readonly sceneCuts?: readonly number[];
  /** Shown under the heading, for example "mobilesam, balanced". */
  readonly note?: string;
  /** The user's names of objects, by ID. */
  readonly labels?: ReadonlyMap<number, string>;
  /** Which frames of the source the positions are; every one from the first when left out. */
  readonly range?: FrameRange;
  /** Every decision of stitching; without it the page shows no joins. */
  readonly stitchReport?: StitchReport | null;
}

export interface ViewerInput {
  readonly resultSummary: ViewerSummary;
  /** The frames of masks.jsonl, in order. */
  readonly masks: AsyncIterable<MaskLine>;
  /** Writes one file of the result folder; `path` is relative to it, with forward slashes. */
  readonly writeFile: (path: string, content: string) => Promise<void>;
}

/** Most frames per viewer/masks-*.js file. */
export const FRAMES_PER_FILE = 120;
/** A file is closed at this many characters, so that many large masks do not make files that take long to load. */
export const CHARACTERS_PER_FILE = 2_000_000;

/**
 * Writes index.html and viewer/masks-00000.js, … of a result folder. The page opens from disk, uses no network, plays
 * viewer/preview.mp4 (same frames as masks.jsonl, in order) and loads masks only near the play head. Streams: holds one
 * file's worth of masks, and a few numbers and one mask per object.
 */
export async function buildViewer({ resultSummary, masks, writeFile }: ViewerInput): Promise<void> {
  const { title, width, height, note = '', seams = [], sceneCuts = [], labels = new Map(), range = { firstFrame: 0, frameStep: 1 }, stitchReport = null } = resultSummary;
  const timelines = new ObjectTimelines();
  const fileStarts: number[] = [];
  const fileTimes: number[] = [];
  let frames: string[] = [];
  let characters = 0;
  let position = 0;
  let lastTime = 0;
  const flush = async (): Promise<void> => {
    if (frames.length === 0) return;
    const index = fileStarts.length - 1;
    await writeFile(viewerMasksPath(index), `vamgMasks(${index},[\n${frames.join(',\n')}\n]);\n`);
    frames = [];
    characters = 0;
  };
  for await (const line of masks) {
    if (frames.length === 0) {
      fileStarts.push(position);
      fileTimes.push(line.time);
    }
    for (const object of line.objects) timelines.add(position, line.time, object);
    const script = frameToScript(line);
    frames.push(script);
    characters += script.length;
    lastTime = line.time;
    position++;
    if (frames.length === FRAMES_PER_FILE || characters >= CHARACTERS_PER_FILE) await flush();
  }
  await flush();
  const events = stitchReport === null ? new Map<number, ObjectEvents>() : objectEvents(stitchReport, range);
  const found = timelines.finish();
  const doubts = stitchReport === null ? { list: [], total: 0 } : onSeenFrames(doubtfulJoins(stitchReport, range), new Map(found.map(({ id, spans }) => [id, spans])));
  const objects = found.map(({ best, ...object }) => {
    const { borders, returns, kin } = events.get(object.id) ?? NO_EVENTS;
    const seen = returns.map((at, i) => seenNear(object.spans, at, i % 2 === 0 ? 'before' : 'after'));
    return { ...object, label: labels.get(object.id) ?? '', thumbnail: thumbnailOf(best), borders, returns: seen, kin };
  });
  await writeFile(
    'index.html',
    await renderPage({ title, note, width, height, frames: position, fileStarts, fileTimes, lastTime, firstFrame: range.firstFrame, frameStep: range.frameStep, seams, sceneCuts, doubts, objects }),
  );
}

const NO_EVENTS: ObjectEvents = { borders: [], returns: [], kin: [] };

/** Both sides moved to the nearest frame that shows the object: the report counts frames which the other chunk owns, too. */
function onSeenFrames({ list, total }: DoubtfulJoins, spansOf: ReadonlyMap<number, readonly number[]>): DoubtfulJoins {
  const seen = (side: JoinSide, where: 'before' | 'after'): JoinSide => ({ ...side, position: side.id === null ? side.position : seenNear(spansOf.get(side.id) ?? [], side.position, where) });
  return { total, list: inOrderOfTime(list.map((doubt) => ({ ...doubt, left: seen(doubt.left, 'before'), right: seen(doubt.right, 'after') }))) };
}

/** Path of one mask file in the result folder. */
export function viewerMasksPath(index: number): string {
  return `viewer/masks-${String(index).padStart(5, '0')}.js`;
}

/** [frame, time, [[id, score, area, counts], …]], larger objects first so that parts are drawn over wholes. */
function frameToScript(line: MaskLine): string {
  const objects = [...line.objects].sort((a, b) => b.area - a.area || a.id - b.id);
  return JSON.stringify([line.frame, line.time, objects.map((o) => [o.id, o.score, o.area, o.segmentation.counts])]).replaceAll('<', '\\u003c');
}
