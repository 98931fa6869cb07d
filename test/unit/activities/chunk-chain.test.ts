import { stitchReportSchema } from '../../../contracts/stitch-report';
import { loadContext } from '../../../activities/job-context';
import { ActivityWorld, FRAMES } from './activity-world';

let world: ActivityWorld;
beforeEach(async () => (world = await ActivityWorld.create()));
afterEach(async () => await world.dispose());

async function untilTracking(): Promise<void> {
  await world.run(world.media.probe);
  await world.run(world.control.plan);
  await world.run(world.inference.detect, 0);
}

describe('a chain of chunks', () => {
  const handOversLeft = (): string[] => [...world.objects.objects.keys()].filter((key) => key.includes('/hand-over/'));
  beforeEach(async () => {
    await world.dispose();
    world = await ActivityWorld.create(60, { chainChunks: 0 });
  });

  test('goes on from what each chunk leaves, has nothing to match, and leaves nothing behind', async () => {
    const result = await world.runAll();
    expect(result).toMatchObject({ objects: 2, frames: FRAMES });
    expect([...world.host.chain]).toEqual([[0, { from: null, isContinued: true }], [25, { from: 'after 24', isContinued: true }], [49, { from: 'after 48', isContinued: false }]]);
    expect(handOversLeft()).toEqual([]);
    const report = stitchReportSchema.parse(JSON.parse(await world.fileOf(result.manifest, 'stitch-report.json')));
    expect([report.chunks.length, report.borders, report.joins]).toEqual([1, [], []]);
    await world.changePlanning({ chainChunks: 1 });
    expect(await world.masksOf((await world.runAll()).manifest)).toBe(await world.masksOf(result.manifest));
  });

  test('is tracked again from its start when a chunk of it is lost after what it went on from was used up', async () => {
    const before = await world.runAll();
    const bytes = await world.masksOf(before.manifest);
    const lost = [...world.objects.objects.keys()].filter((key) => /\/(resolve|publish)\//.test(key));
    const { keys } = await loadContext(world.artefacts, world.input);
    for (const key of [...lost, `v1/track/${keys.track(2)}.json`]) await world.objects.remove(key);
    await expect(world.runAll()).rejects.toMatchObject({ type: 'CorruptArtifact', message: expect.stringContaining('chain of chunks is tracked again') as string });
    world.host.jobs.length = 0;
    expect(await world.masksOf((await world.runAll()).manifest)).toBe(bytes);
    expect(world.host.jobs.map(({ kind, frames }) => [kind, frames.startPosition])).toEqual([['track', 0], ['track', 25], ['track', 49]]);
    expect(handOversLeft()).toEqual([]);
  });

  test('that another job finishes meanwhile is left alone, and what that has made is taken', async () => {
    await untilTracking();
    await world.run(world.inference.track, 0);
    await world.run(world.inference.detect, 1);
    const { keys } = await loadContext(world.artefacts, world.input);
    // The other job: between our look for the tracks and our look for what they go on from.
    const find = world.artefacts.find.bind(world.artefacts);
    let isQuicker = false;
    world.artefacts.find = async (stage, key) => {
      const found = await find(stage, key);
      if (stage === 'detect' && !isQuicker) {
        isQuicker = true;
        await world.run(world.inference.track, 1);
      }
      return found;
    };
    await expect(world.run(world.inference.track, 1)).rejects.toMatchObject({ type: 'StoreUnavailable', nonRetryable: false });
    const jobs = world.host.jobs.length;
    expect(await world.run(world.inference.track, 1)).toMatchObject({ skipped: true });
    expect([world.host.jobs.length, (await find('track', keys.track(0))) !== null]).toEqual([jobs, true]);
  });

  test('that is cancelled half way is cleaned up', async () => {
    await untilTracking();
    await world.run(world.inference.track, 0);
    expect(handOversLeft()).toHaveLength(1);
    await world.run(world.control.cleanup);
    expect(handOversLeft()).toEqual([]);
  });
});
