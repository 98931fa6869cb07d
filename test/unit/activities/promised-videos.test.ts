import { PromisedVideos } from '../../../activities/promised-videos';
import { ActivityWorld, INFO } from './activity-world';

test('what an archive run has read of a container is handed to the step that needs it, once', async () => {
  const world = await ActivityWorld.create();
  try {
    const { videoId } = JSON.parse(Buffer.from(await world.objects.get(world.input.job.key)).toString()) as { videoId: string };
    world.promised.put(videoId, INFO);
    await world.run(world.media.probe);
    expect(world.probedWith).toEqual([INFO]);
    expect(world.promised.take(videoId)).toBeUndefined();
  } finally {
    await world.dispose();
  }
});

test('of many videos the newest are kept, and one that is heavier than all may be', () => {
  const promised = new PromisedVideos();
  for (let i = 0; i < 65; i++) promised.put(`video ${i}`, INFO);
  expect([0, 1, 64].map((i) => promised.take(`video ${i}`))).toEqual([undefined, INFO, INFO]);
  promised.put('long', { ...INFO, pts: new Array<number>(9e6).fill(0) });
  expect(promised.take('video 2')).toBeUndefined();
  expect(promised.take('long')).toBeDefined();
  promised.put('short', INFO);
  promised.put('other', INFO);
  expect(promised.take('short')).toBe(INFO);
});
