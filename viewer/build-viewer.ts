import type { CocoRle } from '../core/mask/types';
import { ObjectTimelines } from './object-timelines';
import { renderPage } from './render-page';

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
}

export interface ViewerInput {
  readonly resultSummary: ViewerSummary;
  /** The lines of masks.jsonl, in order. Empty lines are passed over. */
  readonly masksLines: AsyncIterable<string>;
  /** Writes one file of the result folder; `path` is relative to it, with forward slashes. */
  readonly writeFile: (path: string, content: string) => Promise<void>;
}

interface MaskLine {
  readonly frame: number;
  readonly time: number;
  readonly objects: readonly { readonly id: number; readonly score: number; readonly area: number; readonly segmentation: CocoRle }[];
}

/** Frames per viewer/masks-*.js file. */
export const FRAMES_PER_FILE = 120;

/**
 * Writes index.html and viewer/masks-00000.js, … of a result folder. The page opens from disk, uses no network, plays
 * viewer/preview.mp4 (same frames as masks.jsonl, in order) and loads masks only near the play head. Streams: holds one
 * file's worth of masks and a few numbers per object.
 */
export async function buildViewer({ resultSummary, masksLines, writeFile }: ViewerInput): Promise<void> {
  const timelines = new ObjectTimelines();
  const fileTimes: number[] = [];
  let frames: string[] = [];
  let position = 0;
  let lastTime = 0;
  const flush = async (): Promise<void> => {
    if (frames.length === 0) return;
    const index = fileTimes.length - 1;
    await writeFile(viewerMasksPath(index), `vamgMasks(${index},[\n${frames.join(',\n')}\n]);\n`);
    frames = [];
  };
  for await (const text of masksLines) {
    if (text.trim() === '') continue;
    const line = JSON.parse(text) as MaskLine;
    if (frames.length === 0) fileTimes.push(line.time);
    for (const object of line.objects) timelines.add(position, line.time, object.id, object.area);
    frames.push(frameToScript(line));
    lastTime = line.time;
    position++;
    if (frames.length === FRAMES_PER_FILE) await flush();
  }
  await flush();
  await writeFile(
    'index.html',
    await renderPage({
      ...resultSummary,
      note: resultSummary.note ?? '',
      seams: resultSummary.seams ?? [],
      sceneCuts: resultSummary.sceneCuts ?? [],
      frames: position,
      framesPerFile: FRAMES_PER_FILE,
      fileTimes,
      lastTime,
      objects: timelines.finish(),
    }),
  );
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
