import { VamgError } from '../../contracts/errors';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { rleArea, rleToBoxXywh } from '../../core/mask/rle';
import { fromCocoRle } from '../../core/mask/rle-string';
import type { ExportFrame, ExportObject, ExportTime } from './types';

export interface Survey {
  readonly frames: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly masks: number;
  readonly objects: readonly ExportObject[];
}

interface Tally {
  id: number;
  firstPosition: number;
  lastPosition: number;
  firstFrame: number;
  lastFrame: number;
  frames: number;
  area: number;
  score: number;
  changes: number;
}

export interface SurveyOptions {
  readonly width: number;
  readonly height: number;
  /** The user's names, by ID. */
  readonly labels: ReadonlyMap<number, string>;
  readonly onFrame: (time: ExportTime) => Promise<void>;
}

/**
 * One pass over a result, which checks every mask and counts.
 * @throws VamgError CorruptArtifact for frames out of order, an ID twice in a frame, a mask of another size or one that cannot be read
 */
export async function surveyMasks(lines: AsyncIterable<MaskLine>, options: SurveyOptions): Promise<Survey> {
  const tallies = new Map<number, Tally>();
  let [frames, masks, firstFrame, lastFrame] = [0, 0, 0, -1];
  for await (const line of lines) {
    if (line.frame <= lastFrame) throw damaged(`frame ${line.frame} comes after frame ${lastFrame}`);
    if (frames === 0) firstFrame = line.frame;
    lastFrame = line.frame;
    await options.onFrame({ position: frames, frame: line.frame, time: line.time });
    const seen = new Set<number>();
    for (const object of line.objects) {
      if (seen.has(object.id)) throw damaged(`frame ${line.frame} holds object ${object.id} twice`);
      seen.add(object.id);
      const area = checkedArea(object, options, line.frame);
      if (area === 0) continue;
      count(tallies, object, area, frames, line.frame);
      masks++;
    }
    frames++;
  }
  for (const tally of tallies.values()) if (tally.lastPosition < frames - 1) tally.changes++;
  const objects = [...tallies.values()].sort((a, b) => a.id - b.id).map((tally) => describe(tally, options.labels.get(tally.id) ?? null));
  return { frames, firstFrame, lastFrame: Math.max(0, lastFrame), masks, objects };
}

/** The lines as writers get them: numbered, masks by ascending ID and decoded, those without a pixel left out. */
export async function* toExportFrames(lines: AsyncIterable<MaskLine>): AsyncGenerator<ExportFrame, void, undefined> {
  let position = 0;
  for await (const { frame, time, objects } of lines) {
    const masks = objects.map(({ id, score, segmentation }) => {
      const rle = fromCocoRle(segmentation);
      return { id, score, bbox: rleToBoxXywh(rle), area: rleArea(rle), coco: segmentation, rle };
    });
    yield { position: position++, frame, time, masks: masks.filter(({ area }) => area > 0).sort((a, b) => a.id - b.id) };
  }
}

function count(tallies: Map<number, Tally>, { id, score }: MaskLine['objects'][number], area: number, position: number, frame: number): void {
  const known = tallies.get(id);
  if (known === undefined) {
    tallies.set(id, { id, firstPosition: position, lastPosition: position, firstFrame: frame, lastFrame: frame, frames: 1, area, score, changes: 0 });
    return;
  }
  if (known.lastPosition < position - 1) known.changes += 2;
  known.lastPosition = position;
  known.lastFrame = frame;
  known.frames++;
  known.area += area;
  known.score += score;
}

function describe(tally: Tally, label: string | null): ExportObject {
  const { area, score, changes, ...rest } = tally;
  return { ...rest, label, meanArea: area / tally.frames, meanScore: score / tally.frames, visibilityChanges: changes };
}

function checkedArea({ id, segmentation }: MaskLine['objects'][number], { width, height }: { readonly width: number; readonly height: number }, frame: number): number {
  const [h, w] = segmentation.size;
  if (w !== width || h !== height) throw damaged(`the mask of object ${id} in frame ${frame} is ${w}x${h}, the video ${width}x${height}`);
  try {
    return rleArea(fromCocoRle(segmentation));
  } catch (cause) {
    throw damaged(`the mask of object ${id} in frame ${frame} cannot be read`, cause);
  }
}

function damaged(what: string, cause?: unknown): VamgError {
  return new VamgError('CorruptArtifact', `masks.jsonl is damaged: ${what}; run \`vamg segment\` again, which takes it from the store.`, cause === undefined ? {} : { cause });
}
