import { surveyMasks, toExportFrames } from '../../../adapters/export/survey';
import type { MaskLine } from '../../../contracts/pipeline-artefacts';
import { emptyRle } from '../../../core/mask/rle';
import { toCocoRle } from '../../../core/mask/rle-string';
import { maskOf } from '../../support/result-folder';

const SIZE = { width: 4, height: 3 };
const dot = (count: number): MaskLine['objects'][number]['segmentation'] => ({ ...toCocoRle(count === 0 ? emptyRle(4, 3) : maskOf(4, 3, (x, y) => y * 4 + x < count)) }) as never;
const object = (id: number, area: number, score = 0.5): MaskLine['objects'][number] => ({ id, score, bbox: [0, 0, 9, 9], area: 99, segmentation: dot(area) });
const line = (frame: number, ...objects: MaskLine['objects']): MaskLine => ({ frame, time: frame / 10, objects });

async function* from(lines: readonly MaskLine[]): AsyncGenerator<MaskLine> {
  yield* lines;
}

const survey = (lines: readonly MaskLine[]) => surveyMasks(from(lines), { ...SIZE, labels: new Map([[2, 'dog']]), onFrame: async () => undefined });

describe('surveyMasks', () => {
  it('counts what the masks say, not what is written beside them', async () => {
    const { objects, ...counts } = await survey([line(5, object(2, 2), object(1, 4)), line(7, object(2, 0)), line(9), line(11, object(2, 4, 1))]);
    expect(counts).toEqual({ frames: 4, firstFrame: 5, lastFrame: 11, masks: 3 });
    expect(objects).toEqual([
      { id: 1, label: null, firstPosition: 0, lastPosition: 0, firstFrame: 5, lastFrame: 5, frames: 1, meanArea: 4, meanScore: 0.5, visibilityChanges: 1 },
      { id: 2, label: 'dog', firstPosition: 0, lastPosition: 3, firstFrame: 5, lastFrame: 11, frames: 2, meanArea: 3, meanScore: 0.75, visibilityChanges: 2 },
    ]);
    expect(await survey([])).toMatchObject({ frames: 0, masks: 0, objects: [], firstFrame: 0, lastFrame: 0 });
  });

  it.each([
    ['frames out of order', [line(5), line(5)], 'frame 5 comes after frame 5'],
    ['an ID twice', [line(1, object(3, 1), object(3, 2))], 'frame 1 holds object 3 twice'],
    ['a mask of another size', [line(1, { ...object(3, 1), segmentation: { size: [4, 3], counts: '<' } })], 'the mask of object 3 in frame 1 is 3x4, the video 4x3'],
    ['runs that do not add up', [line(1, { ...object(3, 1), segmentation: { size: [3, 4], counts: '1' } })], 'the mask of object 3 in frame 1 cannot be read'],
  ])('refuses %s', async (_, lines, message) => {
    await expect(survey(lines)).rejects.toMatchObject({ failure: 'CorruptArtifact', message: expect.stringContaining(message) });
  });
});

it('writers get masks by ID, with boxes and areas of their own, and none that is empty', async () => {
  const frames = [];
  for await (const frame of toExportFrames(from([line(5, object(7, 2), object(3, 0), object(2, 5)), line(8)]))) frames.push(frame);
  expect(frames.map(({ position, frame, time, masks }) => [position, frame, time, masks.map(({ id, area, bbox }) => [id, area, bbox])])).toEqual([
    [0, 5, 0.5, [[2, 5, [0, 0, 4, 2]], [7, 2, [0, 0, 2, 1]]]],
    [1, 8, 0.8, []],
  ]);
});
