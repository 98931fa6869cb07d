import { maskLineSchema, resultManifestSchema } from '../../../contracts/pipeline-artefacts';
import { jobSpecSchema } from '../../../contracts/artefacts';
import type { PromptsFile } from '../../../contracts/prompts';
import { checkTracked } from '../../../cli/restitch/check-tracked';
import { ActivityWorld } from './activity-world';

const PROMPTS: PromptsFile = { objects: [{ id: 9, label: 'dog', prompts: [{ frame: 3, points: [[5, 8]] }, { frame: 40, box: [1, 1, 9, 9] }] }] };

describe('stitching again a job whose objects were given', () => {
  let world: ActivityWorld;
  afterEach(async () => await world.dispose());

  const check = async (): Promise<void> => await checkTracked(world.artefacts, await world.artefacts.readJson(world.input.job, jobSpecSchema));

  /** IDs on some frames, and what result.json says of labels. */
  async function seen({ manifest }: { manifest: { key: string } }): Promise<{ ids: number[][]; labels: unknown }> {
    const { files } = resultManifestSchema.parse(JSON.parse(Buffer.from(await world.objects.get(manifest.key)).toString()));
    const read = async (name: string): Promise<string> => Buffer.from(await world.objects.get(files[name]!.key)).toString();
    const lines = (await read('masks.jsonl')).trimEnd().split('\n').map((line) => maskLineSchema.parse(JSON.parse(line)));
    const { labels } = JSON.parse(await read('result.json')) as { labels: unknown };
    return { ids: [0, 30, 59].map((frame) => lines[frame]!.objects.map(({ id }) => id)), labels };
  }

  it.each([
    ['in a file of prompts', { prompts: PROMPTS }, [[9, 'dog']]],
    ['in a file of prompts, and no others are followed', { prompts: PROMPTS, onlyPrompted: true }, [[9, 'dog']]],
    ['in a first-frame mask', { firstFrameMask: Buffer.from('label map') }, []],
    ['in both', { firstFrameMask: Buffer.from('label map'), prompts: PROMPTS }, [[9, 'dog']]],
  ])('%s: their tracks are found, the given IDs stay, and a found one that comes back gets its own', async (_where, given, labels) => {
    world = await ActivityWorld.create(60, given);
    world.host.givenId = 9;
    world.host.hidden = [20, 40];
    expect(await seen(await world.runAll())).toEqual({ ids: [[9, 10], [9], [9, 11]], labels });
    const jobs = world.host.jobs.length;
    await world.changePlanning({ reidentify: true, stitchMargin: 0.05 });
    await check();
    expect(await seen(await world.runAll({ stitchOnly: true }))).toEqual({ ids: [[9, 10], [9], [9, 10]], labels });
    expect(world.host.jobs).toHaveLength(jobs);
  });

  it('needs its tracks and its prompts, and says which are gone', async () => {
    world = await ActivityWorld.create(60, { prompts: PROMPTS });
    await world.runAll();
    const { key } = (await world.artefacts.readJson(world.input.job, jobSpecSchema)).prompts!;
    for (const name of [...world.objects.objects.keys()].filter((one) => one.startsWith('v1/track/')).slice(1)) await world.objects.remove(name);
    await expect(check()).rejects.toMatchObject({ failure: 'NotFound', message: expect.stringMatching(/^The tracks of 2 of 3 chunks are no longer in the store/) as string });
    await world.objects.remove(key);
    await expect(check()).rejects.toMatchObject({ failure: 'NotFound', message: expect.stringMatching(/^The prompts of this job are no longer in the store.*`vamg segment`/) as string });
  });
});
