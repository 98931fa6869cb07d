import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { PROMPT_LIMITS, promptsFileSchema, type GivenPrompt, type PromptsFile } from '../../../contracts/prompts';
import { frameTimeSeconds, type VideoInfo } from '../../../contracts/video-info';
import { resolvePrompts } from '../../../core/pipeline/resolve-prompts';
import { toCocoRle } from '../../../core/mask/rle-string';
import { INFO } from '../activities/activity-world';
import { rectangle } from '../core/support/masks';

const square = toCocoRle(rectangle(INFO.width, INFO.height, 4, 5, 6, 7)) as NonNullable<GivenPrompt['mask']>;
const plan = { positions: 20, firstFrame: 10, frameStep: 2 };
const object = (id: number, ...prompts: PromptsFile['objects'][number]['prompts']): PromptsFile['objects'][number] => ({ id, prompts });
const resolve = (...objects: PromptsFile['objects']): ReturnType<typeof resolvePrompts> => resolvePrompts({ objects }, INFO, plan);

describe('the file of prompts', () => {
  const problem = (value: unknown): string => {
    const parsed = promptsFileSchema.safeParse(value);
    return parsed.success ? 'none' : `${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`;
  };
  const one = (prompt: object): unknown => ({ objects: [{ id: 1, prompts: [prompt] }] });

  it.each([
    [one({ frame: 0, points: [[1, 2]] }), 'none'],
    [one({ time: 0.5, points: [[1, 2], [3, 4]], labels: [1, 0], box: [0, 0, 9, 9], mask: square }), 'none'],
    [one({ points: [[1, 2]] }), 'objects.0.prompts.0: give one of frame and time'],
    [one({ frame: 1, time: 1, points: [[1, 2]] }), 'objects.0.prompts.0: give one of frame and time'],
    [one({ frame: 1 }), 'objects.0.prompts.0: give points, a box or a mask'],
    [one({ frame: 1, points: [[1, 2]], labels: [1, 0] }), 'objects.0.prompts.0.labels: needs one label for each of the 1 points, got 2'],
    [one({ frame: 1, box: [5, 5, 5, 9] }), 'objects.0.prompts.0.box: must be [x0, y0, x1, y1] with x0 < x1 and y0 < y1'],
    [one({ frame: 1, points: [[1, 2]], labels: [2] }), 'objects.0.prompts.0.labels.0: must be 1 (on the object) or 0 (not on it)'],
    [{ objects: [object(2, { frame: 1, box: [0, 0, 1, 1] }), object(2, { frame: 3, box: [0, 0, 1, 1] })] }, 'objects.1.id: is there twice: 2; put all prompts of an object into one entry'],
    [{ objects: [{ id: 1, label: 'two\nlines', prompts: [{ frame: 1, box: [0, 0, 1, 1] }] }] }, 'objects.0.label: must be one line of text'],
  ])('%j: %s', (value, expected) => expect(problem(value)).toBe(expected));

  it.each([
    one({ frame: -1, points: [[1, 2]] }),
    one({ frame: 1.5, points: [[1, 2]] }),
    one({ frame: 1, points: [[1, null]] }),
    one({ frame: 1, bbox: [1, 2, 3, 4] }),
    { objects: [] },
    { objects: [{ id: 0, prompts: [{ frame: 1, points: [[1, 2]] }] }] },
    { objects: [{ id: PROMPT_LIMITS.highestId + 1, prompts: [{ frame: 1, points: [[1, 2]] }] }] },
    { objects: Array.from({ length: PROMPT_LIMITS.objects + 1 }, (_, i) => object(i + 1, { frame: 1, box: [0, 0, 1, 1] })) },
    one({ frame: 1, points: Array.from({ length: PROMPT_LIMITS.pointsPerPrompt + 1 }, () => [1, 2]) }),
  ])('other values are refused (%#)', (value) => expect(problem(value)).not.toBe('none'));

  it('takes the example of docs/prompts.md', () => {
    const text = readFileSync(path.join(__dirname, '../../../docs/prompts.md'), 'utf8');
    const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1]!) as unknown);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(problem(example)).toBe('none');
  });
});

describe('resolvePrompts', () => {
  it('finds positions of frames and times, sorts by them, and fills in labels', () => {
    const { prompts, leftOut } = resolve(object(5, { frame: 14, points: [[1, 2], [3, 4]] }, { time: 1.0, box: [0, 0, 9, 9] }), object(2, { frame: 14, points: [[7, 7]], labels: [1] }));
    expect(leftOut).toEqual([]);
    expect(prompts).toEqual([
      { position: 0, objectId: 5, points: [], labels: [], box: [0, 0, 9, 9], mask: null },
      { position: 2, objectId: 2, points: [[7, 7]], labels: [1], box: null, mask: null },
      { position: 2, objectId: 5, points: [[1, 2], [3, 4]], labels: [1, 1], box: null, mask: null },
    ]);
  });

  it('puts together what is said of one object on one frame, whether by frame or by time', () => {
    const { prompts } = resolve(object(1, { frame: 12, points: [[1, 2]], labels: [1] }, { time: 1.2, box: [-3, 2, 40, 20] }, { frame: 12, points: [[5, 6]], labels: [0] }, { frame: 12, mask: square }));
    expect(prompts).toEqual([{ position: 1, objectId: 1, points: [[1, 2], [5, 6]], labels: [1, 0], box: [0, 2, 32, 20], mask: square }]);
  });

  it('leaves out, and names, what lies on frames outside the range or the video', () => {
    const { prompts, leftOut } = resolve(object(1, { frame: 9, box: [0, 0, 2, 2] }, { frame: 50, box: [0, 0, 2, 2] }, { time: 0.2, box: [0, 0, 2, 2] }, { time: 77, box: [0, 0, 2, 2] }));
    expect([prompts.length, leftOut]).toEqual([0, ['object 1, frame 9', 'object 1, frame 50', 'object 1, time 0.2', 'object 1, time 77']]);
  });

  it.each([
    [object(4, { frame: 13, box: [0, 0, 2, 2] }), 'object 4, frame 13: this frame is not processed with --frame-step 2; the nearest are 12 and 14.'],
    [object(4, { frame: 12, points: [[33, 2]] }), 'object 4, frame 12: the point [33, 2] lies outside the picture of 32x24'],
    [object(4, { frame: 12, box: [40, 0, 50, 9] }), 'object 4, frame 12: the box [40, 0, 50, 9] lies outside the picture of 32x24'],
    [object(4, { frame: 12, box: [0, 0, 5, 5] }, { frame: 12, box: [1, 1, 5, 5] }), 'object 4, frame 12: there are two boxes for this frame'],
    [object(4, { frame: 12, mask: square }, { time: 1.2, mask: square }), 'object 4, time 1.2: there are two masks for this frame'],
    [object(4, { frame: 12, mask: { size: [32, 24], counts: square.counts } }), 'the mask has the size [32, 24], it must be [24, 32]: height and width'],
    [object(4, { frame: 12, mask: { size: [24, 32], counts: 'zz' } }), 'object 4, frame 12: the mask cannot be read'],
  ])('refuses in a sentence (%#)', (wrong, sentence) => expect(() => resolve(wrong)).toThrow(expect.objectContaining({ name: 'RangeError', message: expect.stringContaining(sentence) })));

  it('takes the nearest processed frame to a time, on any timeline, also for times as masks.jsonl rounds them', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 3 }), fc.nat(3), fc.nat(1000), (steps, frameStep, firstFrame, choice) => {
        let ticks = 100;
        const pts = steps.map((step) => (ticks += step));
        const info: VideoInfo = { ...INFO, pts, startPts: pts[0]!, timeBase: { num: 1, den: 30 } };
        const positions = Math.ceil((pts.length - firstFrame) / frameStep);
        const timeAt = (position: number): number => frameTimeSeconds(info, firstFrame + position * frameStep);
        const wanted = choice % positions;
        const at = (time: number): number => resolvePrompts({ objects: [object(1, { time, box: [0, 0, 2, 2] })] }, info, { positions, firstFrame, frameStep }).prompts[0]!.position;
        expect(at(Math.round(timeAt(wanted) * 1e6) / 1e6)).toBe(wanted);
        if (wanted + 1 < positions) expect(at(0.4 * timeAt(wanted) + 0.6 * timeAt(wanted + 1))).toBe(wanted + 1);
      }),
    );
  });
});
