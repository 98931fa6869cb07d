import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ArtefactStore } from '../../../adapters/store/artefact-store';
import { Checkpoints } from '../../../adapters/store/checkpoints';
import { LineWriter, readGzipLines } from '../../../adapters/store/json-lines';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { FileSourceRegistry, S3SourceRegistry } from '../../../adapters/store/source-registry';
import { sha256Hex } from '../../../adapters/store/hash-file';

const KEY = 'c'.repeat(64);
let folder: string;
let objects: MemoryStore;
let artefacts: ArtefactStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vamg-artefacts-'));
  objects = new MemoryStore();
  artefacts = new ArtefactStore(objects, path.join(folder, 'scratch'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

function flipBit(key: string): void {
  const object = objects.objects.get(key)!;
  object.bytes = Uint8Array.from(object.bytes, (byte, i) => (i === 0 ? byte ^ 1 : byte));
}

describe('ArtefactStore', () => {
  test('an artefact is found only when its manifest is there, and the first manifest wins', async () => {
    expect(await artefacts.find('plan', KEY)).toBeNull();
    const first = await artefacts.publishJson('plan', KEY, { n: 1 }, { n: 1 });
    const second = await artefacts.publishJson('plan', KEY, { n: 2 }, { n: 2 });
    expect(second).toEqual(first);
    expect(await artefacts.readInput(second, z.object({ n: z.number() }))).toEqual({ n: 1 });
  });

  test('a flipped bit is noticed, and the artefact discarded so that it is made again', async () => {
    const manifest = await artefacts.publishJson('plan', KEY, { n: 1 }, {});
    flipBit(manifest.ref.key);
    await expect(artefacts.readInput(manifest, z.unknown())).rejects.toMatchObject({ failure: 'CorruptArtifact' });
    expect(await artefacts.find('plan', KEY)).toBeNull();
    await artefacts.publishJson('plan', KEY, { n: 1 }, {});
    expect(await artefacts.findVerified('plan', KEY)).not.toBeNull();
  });

  test('missing data, and a manifest that cannot be read, count as not there', async () => {
    const manifest = await artefacts.publishJson('plan', KEY, { n: 1 }, {});
    objects.objects.delete(manifest.ref.key);
    expect(await artefacts.findVerified('plan', KEY)).toBeNull();
    await objects.put(`v1/plan/${KEY}.json`, Buffer.from('{"half'));
    expect(await artefacts.find('plan', KEY)).toBeNull();
    await expect(artefacts.need('plan', KEY)).rejects.toMatchObject({ failure: 'CorruptArtifact' });
  });
});

describe('JSON lines', () => {
  test('the same lines give the same bytes, and come back', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ i, text: 'ä'.repeat(i % 50) }));
    const write = async (name: string): Promise<string> => {
      const writer = new LineWriter(path.join(folder, name));
      for (const line of lines) await writer.write(line);
      await writer.close();
      return sha256Hex(await readFile(path.join(folder, name)));
    };
    expect(await write('a')).toBe(await write('b'));
    const read: string[] = [];
    for await (const line of readGzipLines(path.join(folder, 'a'))) read.push(line);
    expect(read).toEqual(lines);
  });

  test('a cut or foreign file is CorruptArtifact', async () => {
    const writer = new LineWriter(path.join(folder, 'a'));
    for (let i = 0; i < 1000; i++) await writer.write(String(Math.sin(i)));
    await writer.close();
    const whole = await readFile(path.join(folder, 'a'));
    await writeFile(path.join(folder, 'cut'), whole.subarray(0, whole.length >> 1));
    await writeFile(path.join(folder, 'text'), 'not gzip');
    const drain = async (name: string): Promise<void> => {
      for await (const line of readGzipLines(path.join(folder, name))) void line;
    };
    await expect(drain('cut')).rejects.toMatchObject({ failure: 'CorruptArtifact' });
    await expect(drain('text')).rejects.toMatchObject({ failure: 'CorruptArtifact' });
  });
});

describe('Checkpoints', () => {
  const collect = async (checkpoints: Checkpoints): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of checkpoints.lines()) lines.push(line);
    return lines;
  };
  const written = async (): Promise<void> => {
    const first = new Checkpoints(objects, KEY);
    await first.resume();
    await first.append(['a', 'b'], Buffer.from('state 2'));
    await first.append(['c'], Buffer.from('state 3'));
    await first.append(['d'], Buffer.from('state 4'));
  };

  test('a new attempt resumes after the last one and sees all lines', async () => {
    await written();
    const next = new Checkpoints(objects, KEY);
    expect(Buffer.from((await next.resume())!.checkpoint).toString()).toBe('state 4');
    expect([next.linesDone, await collect(next)]).toEqual([4, ['a', 'b', 'c', 'd']]);
  });

  test('a damaged part or state cuts the chain there', async () => {
    await written();
    flipBit([...objects.objects.keys()].find((key) => key.includes('000002') && key.endsWith('.state'))!);
    const next = new Checkpoints(objects, KEY);
    expect(await next.resume()).toMatchObject({ linesDone: 3 });
    flipBit([...objects.objects.keys()].find((key) => key.includes('000000') && key.endsWith('.part'))!);
    expect(await new Checkpoints(objects, KEY).resume()).toBeNull();
  });

  test('two attempts that write at the same time never mix', async () => {
    const zombie = new Checkpoints(objects, KEY);
    const owner = new Checkpoints(objects, KEY);
    await zombie.resume();
    await owner.resume();
    await zombie.append(['z1', 'z2'], Buffer.from('z'));
    await owner.append(['o1'], Buffer.from('o'));
    await zombie.append(['z3'], Buffer.from('z'));
    const next = new Checkpoints(objects, KEY);
    await next.resume();
    expect(await collect(next)).toEqual(['o1']);
    expect(await collect(owner)).toEqual(['o1']);
  });

  test('the fourth attempt at the same place is refused, and the next user gets three more', async () => {
    const checkpoints = new Checkpoints(objects, KEY);
    for (let i = 0; i < 3; i++) await checkpoints.startAttempt(10);
    await expect(checkpoints.startAttempt(10)).rejects.toMatchObject({ failure: 'PoisonChunk' });
    await checkpoints.startAttempt(10);
    await checkpoints.startAttempt(10);
    await checkpoints.startAttempt(11);
    await checkpoints.forgiveAttempt();
    for (let i = 0; i < 3; i++) await checkpoints.startAttempt(11);
    await expect(checkpoints.startAttempt(11)).rejects.toMatchObject({ failure: 'PoisonChunk' });
  });

  test('removing leaves nothing behind', async () => {
    await written();
    await new Checkpoints(objects, KEY).startAttempt(1);
    await new Checkpoints(objects, KEY).removeAll();
    expect(objects.objects.size).toBe(0);
  });
});

describe('source registries', () => {
  test('a local video is found by its hash until it changes or goes', async () => {
    const video = path.join(folder, 'film.mp4');
    await writeFile(video, 'film');
    const registry = new FileSourceRegistry(path.join(folder, 'sources'));
    const { videoId, bytes } = await registry.register(video);
    expect([videoId, bytes]).toEqual([sha256Hex('film'), 4]);
    expect(await registry.resolve(videoId)).toBe(video);
    await utimes(video, new Date(0), new Date(0));
    await expect(registry.resolve(videoId)).rejects.toMatchObject({ failure: 'PoisonVideo', message: expect.not.stringContaining(folder) as string });
    await rm(video);
    await expect(registry.resolve(videoId)).rejects.toMatchObject({ failure: 'NotFound', message: expect.not.stringContaining(folder) as string });
    await expect(registry.register(path.join(folder, 'none.mp4'))).rejects.toMatchObject({ failure: 'PoisonVideo' });
  });

  test('a video in a shared store is fetched once, and not when damaged', async () => {
    const video = path.join(folder, 'film.mp4');
    await writeFile(video, 'film');
    const registry = new S3SourceRegistry(objects, path.join(folder, 'cache'));
    const { videoId } = await registry.register(video);
    const get = jest.spyOn(objects, 'getToFile');
    const [one, two] = await Promise.all([registry.resolve(videoId), registry.resolve(videoId)]);
    await registry.resolve(videoId);
    expect(one).toBe(two);
    expect(await readFile(one, 'utf8')).toBe('film');
    expect(get).toHaveBeenCalledTimes(1);
    await rm(one);
    flipBit(`v1/data/${videoId}`);
    await expect(registry.resolve(videoId)).rejects.toMatchObject({ failure: 'CorruptArtifact' });
  });
});
