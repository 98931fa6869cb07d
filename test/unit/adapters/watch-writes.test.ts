import { appendFile, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchWrites } from '../../../adapters/ffmpeg/watch-writes';

const EVERY_MS = 10;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(EVERY_MS);
}

describe('watchWrites', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'vamg-watch-'))));
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it('tells of growth and of rewriting, not of silence, and not after it was stopped', async () => {
    const file = join(folder, 'film.mp4');
    let writes = 0;
    const stop = watchWrites(file, () => writes++, EVERY_MS);
    await sleep(10 * EVERY_MS);
    expect(writes).toBe(0);
    await appendFile(file, 'a');
    await until(() => writes > 0);
    await sleep(5 * EVERY_MS);
    const grown = writes;
    await sleep(10 * EVERY_MS);
    expect(writes).toBe(grown);
    await utimes(file, new Date(1), new Date(1));
    await until(() => writes > grown);
    stop();
    await sleep(5 * EVERY_MS);
    const stopped = writes;
    await appendFile(file, 'b');
    await sleep(10 * EVERY_MS);
    expect(writes).toBe(stopped);
  });
});
