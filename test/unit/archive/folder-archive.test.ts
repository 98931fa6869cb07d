import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatArchiveAddress, lastPartOf, parseArchiveAddress } from '../../../adapters/archive/archive-address';
import { FolderDestination } from '../../../adapters/archive/folder-destination';
import { FolderSource } from '../../../adapters/archive/folder-source';

let folder: string;
beforeEach(() => (folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'vamg-archive-')))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text = name): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

async function listAll(source: FolderSource, limit: number): Promise<{ names: string[]; passedOver: string[]; pages: number }> {
  const [names, passedOver]: [string[], string[]] = [[], []];
  let pages = 0;
  for (let after: string | null = null; ; ) {
    const page = await source.list(after, limit);
    pages++;
    expect(page.files.length + page.passedOver.length).toBeLessThanOrEqual(limit);
    names.push(...page.files.map(({ name }) => name));
    passedOver.push(...page.passedOver.map(({ name }) => name));
    if (page.next === null) return { names, passedOver, pages };
    after = page.next;
  }
}

describe('a folder as an archive', () => {
  test('pages of any size give every video once, in the same order', async () => {
    const videos = ['a/1.mp4', 'a/2.mp4', 'a-b.mp4', 'a.mp4', 'b/c/d/3.mkv', 'b/c/4.mov', 'z.webm'];
    [...videos, 'a/x.txt', 'b/list.m3u8'].forEach((name) => put(name));
    const whole = await listAll(new FolderSource(folder), 1000);
    expect([...whole.names].sort()).toEqual([...videos].sort());
    expect(whole.passedOver.sort()).toEqual(['a/x.txt', 'b/list.m3u8']);
    for (const limit of [1, 2, 3, 4, 8, 9]) {
      const paged = await listAll(new FolderSource(folder), limit);
      expect([limit, paged.names]).toEqual([limit, whole.names]);
    }
  });

  test('files that come and go between two pages do not disturb it', async () => {
    ['a.mp4', 'c.mp4', 'e.mp4'].forEach((name) => put(name));
    const source = new FolderSource(folder);
    const first = await source.list(null, 2);
    expect(first.next).toBe('c.mp4');
    rmSync(path.join(folder, 'c.mp4'));
    put('b.mp4');
    put('d/1.mp4');
    expect((await source.list(first.next, 10)).files.map(({ name }) => name)).toEqual(['d/1.mp4', 'e.mp4']);
  });

  test('symbolic links, hidden folders and results are not gone into', async () => {
    put('in/a.mp4');
    ['.trash/b.mp4', 'a.mp4-vamg/overlay.mp4'].forEach((name) => put(name));
    const outside = mkdtempSync(path.join(tmpdir(), 'vamg-outside-'));
    writeFileSync(path.join(outside, 'secret.mp4'), 'x');
    symlinkSync(path.join(outside, 'secret.mp4'), path.join(folder, 'in', 'link.mp4'));
    symlinkSync(outside, path.join(folder, 'linked'));
    const page = await new FolderSource(folder).list(null, 100);
    expect(page.files.map(({ name }) => name)).toEqual(['in/a.mp4']);
    expect(page.passedOver.map(({ name, reason }) => `${name}: ${reason}`)).toEqual(['in/link.mp4: a symbolic link, which is not followed', 'linked: a symbolic link, which is not followed']);
    const file = { name: 'linked/secret.mp4', bytes: 1, version: '' };
    await expect(new FolderSource(folder).fetch(file)).rejects.toMatchObject({ failure: 'NotFound' });
    rmSync(outside, { recursive: true });
  });

  test('a file that changed since it was listed is not fetched; a folder that is not there is BadConfig', async () => {
    put('a.mp4');
    const source = new FolderSource(folder);
    const [file] = (await source.list(null, 10)).files;
    expect((await source.fetch(file!)).path).toBe(path.join(folder, 'a.mp4'));
    utimesSync(path.join(folder, 'a.mp4'), 1, 1);
    await expect(source.fetch(file!)).rejects.toMatchObject({ failure: 'NotFound' });
    await expect(new FolderSource(path.join(folder, 'no')).list(null, 10)).rejects.toMatchObject({ failure: 'BadConfig' });
  });
});

describe('a folder as a destination', () => {
  const files = (text: string) => new Map([
    ['masks.jsonl', async (to: string) => writeFileSync(to, '')],
    ['viewer/x.js', async (to: string) => writeFileSync(to, text)],
    ['result.json', async (to: string) => writeFileSync(to, '{"schemaVersion":1}')],
  ]);

  test('a result is there as a whole or not at all, and replaces a former one', async () => {
    const dest = new FolderDestination(folder);
    const broken = new Map([...files('1'), ['z', async () => Promise.reject(new Error('disk'))]]);
    await expect(dest.publish('s/a.mp4', broken)).rejects.toThrow('disk');
    expect([await dest.has('s/a.mp4'), readdirSync(path.join(folder, 's'))]).toEqual([false, []]);
    await dest.publish('s/a.mp4', files('1'));
    await dest.publish('s/a.mp4', files('2'));
    expect([await dest.has('s/a.mp4'), readdirSync(path.join(folder, 's', 'a.mp4-vamg')).sort()]).toEqual([true, ['masks.jsonl', 'result.json', 'viewer']]);
  });

  test('something else in its place is not overwritten', async () => {
    put('a.mp4-vamg/holiday.txt');
    await expect(new FolderDestination(folder).publish('a.mp4', files('1'))).rejects.toMatchObject({ failure: 'BadConfig', details: { occupied: true } });
    expect(readdirSync(path.join(folder, 'a.mp4-vamg'))).toEqual(['holiday.txt']);
  });

  test('a corrected result is replaced by one that goes on from its corrections, not by another', async () => {
    const dest = new FolderDestination(folder);
    const line = (number: number, id: number): string => `${JSON.stringify({ schemaVersion: 1, number, time: '2026-01-01T00:00:00.000Z', version: '0', edit: { edit: 'delete', ids: [id] }, changed: { masks: 1 }, objects: 1, overlay: 'none' })}\n`;
    const withTrail = (text: string) => new Map([...files('1'), ['edits.jsonl', async (to: string) => writeFileSync(to, text)]]);
    const [one, two, other] = [line(1, 1), line(1, 1) + line(2, 2), line(1, 3)];
    await dest.publish('a.mp4', withTrail(one), one);
    await dest.publish('a.mp4', withTrail(two), two);
    for (const trail of [one, other, '']) await expect(dest.publish('a.mp4', withTrail(trail), trail)).rejects.toMatchObject({ details: { occupied: true } });
  });

  test('names that lead out are refused', async () => {
    await expect(new FolderDestination(folder).publish('../../a.mp4', files('1'))).rejects.toThrow(RangeError);
    await expect(new FolderDestination(folder).publish('a.mp4', new Map([['../x', async () => undefined]]))).rejects.toThrow(RangeError);
  });
});

describe('addresses', () => {
  test('two ways to write a place are the same', () => {
    const say = (text: string): string => formatArchiveAddress(parseArchiveAddress(text, 'SOURCE', (name) => path.resolve('/data', name)));
    expect([say('films/'), say('/data/films'), say('file:///data/films')]).toEqual(Array(3).fill('file:///data/films'));
    expect([say('s3://films'), say('s3://films/'), say('s3://films/a//b/')]).toEqual(['s3://films', 's3://films', 's3://films/a/b']);
    expect([lastPartOf(parseArchiveAddress('s3://films/a b', 'x')), lastPartOf(parseArchiveAddress('s3://films', 'x'))]).toEqual(['a b', 'films']);
  });

  test.each(['', 'https://x/y', 's3://', 's3://A/b', 's3://bucket/../x', 'file://host/x', 'a\nb'])('%j is BadConfig', (text) => {
    expect(() => parseArchiveAddress(text, '--dest')).toThrow(expect.objectContaining({ failure: 'BadConfig', message: expect.stringContaining('--dest') as string }) as Error);
  });
});
