import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeIndexedPng } from '../../../adapters/png/indexed-png';
import { readGivenObjects, type GivenFiles } from '../../../cli/job/given-objects';
import { PROMPT_LIMITS, promptsFileSchema } from '../../../contracts/prompts';
import { resolveSegmentOptions } from '../../../contracts/segment-options';
import { planVideo } from '../../../core/pipeline/plan-video';
import { INFO } from '../activities/activity-world';

describe('reading the objects that the user gives', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vamg-given-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const plan = planVideo(INFO, [], resolveSegmentOptions({ planning: { start: 1, end: 4 } }));

  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const prompted = (...objects: object[]): string => JSON.stringify({ objects });
  const box = [1, 1, 9, 9];

  async function read(files: Partial<GivenFiles>): Promise<{ prompts: unknown; mask: boolean; notes: string[] }> {
    const notes: string[] = [];
    const { firstFrameMask, prompts } = await readGivenObjects({ firstFrameMask: undefined, prompts: undefined, ...files }, INFO, plan, (text) => notes.push(text));
    return { prompts: prompts && promptsFileSchema.parse(JSON.parse(prompts.toString())), mask: firstFrameMask !== null, notes };
  }

  it('gives nothing for nothing, and bytes that do not depend on how the file is written', async () => {
    expect(await read({})).toEqual({ prompts: null, mask: false, notes: [] });
    const tidy = file('a.json', '{"objects":[{"id":1,"prompts":[{"frame":12,"box":[1,1,9,9]}]}]}');
    const spread = file('b.json', '{ "objects": [ {"prompts": [ {"box": [1, 1, 9.0, 9], "frame": 12} ], "id": 1 } ] }\n');
    const bytes = await Promise.all([tidy, spread].map((prompts) => readGivenObjects({ firstFrameMask: undefined, prompts }, INFO, plan, () => undefined)));
    expect(bytes[0]!.prompts).toEqual(bytes[1]!.prompts);
  });

  it('notes prompts on frames that are not processed, and refuses a file of nothing else', async () => {
    const { notes } = await read({ prompts: file('some.json', prompted({ id: 1, prompts: [{ frame: 2, box }, { frame: 12, box }, { frame: 50, box }] })) });
    expect(notes).toEqual(['--prompts: left out, because these frames are not processed: object 1, frame 2; object 1, frame 50.']);
    const none = file('none.json', prompted({ id: 1, prompts: [{ frame: 2, box }, { frame: 3, box }, { frame: 4, box }, { frame: 5, box }] }));
    await expect(read({ prompts: none })).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('object 1, frame 4 and 1 more') });
  });

  it.each([
    ['text.json', 'objects', 'is not valid JSON'],
    ['field.json', prompted({ id: 1, prompts: [{ frame: 12, box: [1, 1, 9] }] }), 'at objects[0].prompts[0].box'],
    ['outside.json', prompted({ id: 1, prompts: [{ frame: 12, points: [[99, 1]] }] }), 'object 1, frame 12: the point [99, 1] lies outside'],
    ['nowhere.json', prompted({ id: 8, prompts: [{ frame: 14, box }, { frame: 12, points: [[1, 1]], labels: [0] }] }), 'the first prompt of object 8 has only points that are not on it'],
    ['large.json', ' '.repeat(PROMPT_LIMITS.fileBytes + 1), 'is larger than 16 MB'],
  ])('refuses %s in a sentence', async (name, content, sentence) => {
    await expect(read({ prompts: file(name, content) })).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining(sentence) });
  });

  it('refuses a file that is not there, and an object that is given twice on the first frame', async () => {
    await expect(read({ prompts: path.join(folder, 'missing.json') })).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('cannot be read') });
    const data = new Uint8Array(INFO.width * INFO.height);
    data.fill(4, 0, 40);
    const firstFrameMask = file('first.png', await encodeIndexedPng({ width: INFO.width, height: INFO.height, data }));
    await expect(read({ firstFrameMask, prompts: file('twice.json', prompted({ id: 4, prompts: [{ frame: 10, box }] })) })).rejects.toMatchObject({ message: expect.stringContaining('Object 4 is on the first frame both') });
    const later = prompted({ id: 4, prompts: [{ frame: 11, points: [[1, 1]], labels: [0] }] });
    expect(await read({ firstFrameMask, prompts: file('later.json', later) })).toMatchObject({ mask: true, notes: [] });
  });
});
