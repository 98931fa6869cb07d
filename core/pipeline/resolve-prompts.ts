import type { Plan } from '../../contracts/artefacts';
import type { GivenPrompt, PromptsFile } from '../../contracts/prompts';
import { frameTimeSeconds, type VideoInfo } from '../../contracts/video-info';
import { cocoStringToRle } from '../mask/rle-string';
import { firstFrameAtOrAfter } from './plan-video';

type FilePrompt = PromptsFile['objects'][number]['prompts'][number];

export interface ResolvedPrompts {
  /** By position, then ID; one per object and position. */
  readonly prompts: readonly GivenPrompt[];
  /** Prompts for frames that are not processed, because they lie outside --start and --end or the video, in words: "object 3, frame 900". */
  readonly leftOut: readonly string[];
}

/**
 * A file of prompts in terms of the frames that a job processes.
 * @throws RangeError, in words for the user, for a frame that --frame-step passes over, a point or box outside the picture, a mask
 * that is malformed or of another size, and two boxes or masks for one object on one frame.
 */
export function resolvePrompts(file: PromptsFile, info: VideoInfo, plan: Pick<Plan, 'positions' | 'firstFrame' | 'frameStep'>): ResolvedPrompts {
  const leftOut: string[] = [];
  const prompts: GivenPrompt[] = [];
  for (const { id, prompts: said } of file.objects) {
    const own = new Map<number, GivenPrompt>();
    for (const prompt of said) {
      const where = `object ${id}, ${prompt.frame === undefined ? `time ${prompt.time}` : `frame ${prompt.frame}`}`;
      const position = prompt.frame === undefined ? positionAtTime(prompt.time!, info, plan) : positionOfFrame(prompt.frame, where, plan);
      if (position === null) leftOut.push(where);
      else own.set(position, addPrompt(own.get(position) ?? nothingSaid(position, id), prompt, where, info));
    }
    prompts.push(...own.values());
  }
  prompts.sort((a, b) => a.position - b.position || a.objectId - b.objectId);
  return { prompts, leftOut };
}

function nothingSaid(position: number, objectId: number): GivenPrompt {
  return { position, objectId, points: [], labels: [], box: null, mask: null };
}

function positionOfFrame(frame: number, where: string, { positions, firstFrame, frameStep }: Pick<Plan, 'positions' | 'firstFrame' | 'frameStep'>): number | null {
  const position = Math.floor((frame - firstFrame) / frameStep);
  if (position < 0 || position >= positions) return null;
  const before = firstFrame + position * frameStep;
  if (before === frame) return position;
  const after = position + 1 < positions ? ` and ${before + frameStep}` : '';
  throw new RangeError(`${where}: this frame is not processed with --frame-step ${frameStep}; the nearest are ${before}${after}.`);
}

/** The processed frame nearest in time; null outside the processed part. */
function positionAtTime(seconds: number, info: VideoInfo, { positions, firstFrame, frameStep }: Pick<Plan, 'positions' | 'firstFrame' | 'frameStep'>): number | null {
  const timeAt = (position: number): number => frameTimeSeconds(info, firstFrame + position * frameStep);
  const span = positions > 1 ? (timeAt(positions - 1) - timeAt(0)) / (positions - 1) : info.durationSeconds;
  if (seconds < timeAt(0) - span || seconds > timeAt(positions - 1) + span) return null;
  const after = Math.min(positions - 1, Math.max(0, Math.ceil((firstFrameAtOrAfter(info, seconds) - firstFrame) / frameStep)));
  const before = Math.max(0, after - 1);
  return seconds - timeAt(before) < timeAt(after) - seconds ? before : after;
}

function addPrompt(known: GivenPrompt, prompt: FilePrompt, where: string, { width, height }: VideoInfo): GivenPrompt {
  const picture = `the picture of ${width}x${height}`;
  const { points = [], box, mask } = prompt;
  const outside = points.find(([x, y]) => x < 0 || y < 0 || x > width || y > height);
  if (outside) throw new RangeError(`${where}: the point [${outside.join(', ')}] lies outside ${picture}; points are [x, y] in its pixels.`);
  if (box && known.box) throw new RangeError(`${where}: there are two boxes for this frame; give one.`);
  if (box && (box[0] >= width || box[1] >= height || box[2] <= 0 || box[3] <= 0)) throw new RangeError(`${where}: the box [${box.join(', ')}] lies outside ${picture}; it is [x0, y0, x1, y1] in its pixels.`);
  if (mask && known.mask) throw new RangeError(`${where}: there are two masks for this frame; give one.`);
  if (mask) checkMask(mask, where, width, height);
  const labels = prompt.labels ?? points.map(() => 1 as const);
  const inside = box && ([Math.max(0, box[0]), Math.max(0, box[1]), Math.min(width, box[2]), Math.min(height, box[3])] satisfies GivenPrompt['box']);
  return { ...known, points: [...known.points, ...points], labels: [...known.labels, ...labels], box: inside ?? known.box, mask: mask ?? known.mask };
}

function checkMask({ size, counts }: NonNullable<FilePrompt['mask']>, where: string, width: number, height: number): void {
  if (size[0] !== height || size[1] !== width) throw new RangeError(`${where}: the mask has the size [${size.join(', ')}], it must be [${height}, ${width}]: height and width of the picture.`);
  try {
    cocoStringToRle(counts, width, height);
  } catch (cause) {
    throw new RangeError(`${where}: the mask cannot be read (${cause instanceof Error ? cause.message : 'malformed'}); counts must be COCO's compressed string.`, { cause });
  }
}

/** Objects whose first prompt says only where they are not; by ID. */
export function findUnplaced(prompts: readonly GivenPrompt[]): number[] {
  const firsts = new Map<number, GivenPrompt>();
  for (const prompt of prompts) {
    const first = firsts.get(prompt.objectId);
    if (!first || prompt.position < first.position) firsts.set(prompt.objectId, prompt);
  }
  return [...firsts.values()].filter(({ box, mask, labels }) => box === null && mask === null && !labels.includes(1)).map(({ objectId }) => objectId).sort((a, b) => a - b);
}
