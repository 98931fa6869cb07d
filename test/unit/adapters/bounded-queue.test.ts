import { BoundedQueue } from '../../../adapters/ffmpeg/bounded-queue';

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('a bounded queue', () => {
  it('holds the producer back and keeps the order', async () => {
    const queue = new BoundedQueue<number>(2);
    let produced = 0;
    const producing = (async () => {
      for (let i = 0; i < 10; i++) {
        await queue.push(i);
        produced++;
      }
      queue.end();
    })();
    await tick();
    expect(produced).toBe(2);
    const seen: number[] = [];
    for await (const item of queue) seen.push(item);
    await producing;
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('hands on what is left before an error', async () => {
    const queue = new BoundedQueue<number>(4);
    await queue.push(1);
    queue.fail(new Error('broken'));
    const seen: number[] = [];
    await expect(async () => {
      for await (const item of queue) seen.push(item);
    }).rejects.toThrow('broken');
    expect(seen).toEqual([1]);
  });

  it('releases a waiting producer when the consumer goes', async () => {
    const queue = new BoundedQueue<number>(1);
    await queue.push(1);
    const waiting = queue.push(2);
    queue.close();
    expect(await waiting).toBe(false);
    expect(await queue.push(3)).toBe(false);
  });

  it('refuses a capacity below one', () => {
    expect(() => new BoundedQueue(0)).toThrow(RangeError);
  });
});
