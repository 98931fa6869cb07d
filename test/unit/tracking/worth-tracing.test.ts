import { emptyRle } from '../../../core/mask/rle';
import { rleIou } from '../../../core/mask/rle-ops';
import { fromCocoRle } from '../../../core/mask/rle-string';
import { mayBeTrack } from '../../../core/tracking/may-be-track';
import { BLUE, detectShapes, GREEN, HEIGHT, RED, visibleMask, WIDTH, YELLOW, type Shape } from './drawn-scene';
import { runChunk, type ChunkResult } from './run-chunk';

const FRAMES = 17;
const box = (colour: Shape['colour'], x: number, y: number, width: number, height: number): Shape => ({ colour, width, height, place: () => [x, y] });
const large = box(RED, 10, 10, 60, 50);
const small = [box(GREEN, 90, 10, 14, 12), box(BLUE, 120, 40, 14, 12), box(YELLOW, 90, 70, 14, 12)];

function run(shapes: readonly Shape[], maxObjects: number): Promise<ChunkResult> {
  const detections = new Map(Array.from({ length: Math.ceil(FRAMES / 4) }, (_, i) => [4 * i, detectShapes(shapes, 4 * i)]));
  return runChunk({ shapes, frames: FRAMES, detections, tracker: 'memory', options: { maxObjects } });
}

describe('detections that can be no object', () => {
  it('are not followed: at its limit a scene costs what its objects cost, however much else there is', async () => {
    const [alone, crowded] = [await run([large], 1), await run([large, ...small], 1)];
    expect(crowded.segmenter.prompts).toBe(alone.segmenter.prompts);
    expect(crowded.lines).toEqual(alone.lines);
  });

  it('are followed where there is room', async () => {
    const { tracklets } = await run([large, ...small], 4);
    expect(tracklets).toHaveLength(4);
  });

  it('are followed where they would count enough if they moved, to see whether they do', async () => {
    const still = [box(RED, 10, 10, 16, 14), box(GREEN, 60, 10, 16, 14), box(YELLOW, 110, 10, 16, 14)];
    const isFollowed = async (place: Shape['place']): Promise<boolean> => {
      const late: Shape = { ...box(BLUE, 0, 0, 40, 30), place: (t) => (t < 1 ? null : place(t)) };
      const { lines } = await run([...still, late], 3);
      const wanted = visibleMask([...still, late], late, FRAMES - 1);
      expect(lines.at(-1)!.objects).toHaveLength(3);
      return lines.at(-1)!.objects.some(({ rle }) => rleIou(fromCocoRle(rle), wanted) > 0.5);
    };
    expect(await isFollowed((t) => [5 + 7 * t, 60])).toBe(true);
    expect(await isFollowed(() => [60, 60])).toBe(false);
  });
});

describe('a detection may be a track', () => {
  const maskAt = (x: number): ReturnType<typeof visibleMask> => {
    const shape = box(RED, x, 20, 20, 20);
    return visibleMask([shape], shape, 0);
  };

  it('that was followed only where it was', () => {
    expect(mayBeTrack([maskAt(30), undefined], true)(maskAt(40))).toBe(true);
    expect(mayBeTrack([maskAt(70), maskAt(90)], true)(maskAt(40))).toBe(false);
  });

  it('that was lost on the way also where it may have gone', () => {
    expect(mayBeTrack([maskAt(70), undefined], false)(maskAt(40))).toBe(true);
    expect(mayBeTrack([maskAt(90), undefined], false)(maskAt(40))).toBe(false);
  });

  it('not one that was never seen', () => {
    expect(mayBeTrack([undefined, undefined], false)(maskAt(40))).toBe(false);
    expect(mayBeTrack([emptyRle(WIDTH, HEIGHT)], true)(maskAt(40))).toBe(false);
  });
});
