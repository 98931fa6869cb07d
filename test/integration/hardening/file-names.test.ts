import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderDestination } from '../../../adapters/archive/folder-destination';
import { FolderSource } from '../../../adapters/archive/folder-source';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { scanVideo } from '../../../adapters/ffmpeg/scene-cuts';
import { FileStore } from '../../../adapters/store/file-store';
import { resolveVideo } from '../../../cli/job/resolve-video';
import type { VamgError } from '../../../contracts/errors';
import { syntheticVideo } from '../../support/synthetic-video';

let folder: string;
beforeEach(() => (folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'vamg-names-')))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text = name): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};

/** Names that a shell, an option parser, ffmpeg or a terminal could take for something else. */
const NAMES = [
  '-i.gif', '-y', '$(touch pwned).gif', '`touch pwned`; touch pwned & .gif', `it's "quoted".gif`, 'http:x.gif', 'pipe:0', 'subfile,,start,0,end,9,,:x.gif', '%d%s%n.gif',
  '[in] a=b:c\\d *?.gif', 'two\nlines.gif', 'bell\x07 and \x1b[2J clear.gif', 'right-to-left \u202Efig.4pm', 'line\u2028separator.gif', 'ä ö 日本 😀.gif',
].map((name) => ({ name, shown: encodeURI(name) }));

describe.each(NAMES)('a video called $shown', ({ name }) => {
  test('is read like any other, and nothing is run', async () => {
    const file = path.join(folder, name);
    copyFileSync((await syntheticVideo('gif')).path, file);
    const { info } = await scanVideo({ path: file, info: await probeVideo(file) });
    let frames = 0;
    for await (const { frameIndex } of readFrames({ path: file, info, startFrame: 0, endFrame: 30 })) frames += frameIndex >= 0 ? 1 : 0;
    expect(frames).toBe(30);
    expect(readdirSync(folder)).toEqual([name]);
    expect(existsSync('pwned')).toBe(false);
  });

  test('is spoken of on one line that writes nothing else on a terminal', async () => {
    const file = path.join(folder, name);
    const sentences = [await failure(resolveVideo(`file:///nowhere/${encodeURIComponent(name)}`))];
    writeFileSync(file, 'no video\n'.repeat(30));
    sentences.push(await failure(probeVideo(file)));
    rmSync(file);
    sentences.push(await failure(probeVideo(file)));
    for (const sentence of sentences) {
      expect(sentence).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(sentence).toMatch(/^[^\n]{10,500}\.$/);
    }
    expect(sentences.slice(1).join(' ')).not.toContain(folder);
    if (/^[\w -]+\.gif$/.test(name)) expect(sentences.at(-1)).toContain(name);
  });
});

async function failure(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(() => new Error('it went well'), (reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'VamgError', failure: 'PoisonVideo' });
  return (error as VamgError).message;
}

describe('an archive folder', () => {
  test('names that are not valid UTF-8 are passed over and shown harmlessly; the rest goes on', async () => {
    put('good.mp4');
    const raw = Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.of(0xff, 0xfe), Buffer.from('.mp4')]);
    writeFileSync(path.join(folder, 'x'), 'x');
    renameSync(path.join(folder, 'x'), raw);
    const page = await new FolderSource(folder).list(null, 10);
    expect(page.files.map(({ name }) => name)).toEqual(['good.mp4']);
    expect(page.passedOver.map(({ reason }) => reason)).toEqual(['its name is not valid Unicode']);
  });

  test('links are not followed: not those to files, nor to folders, nor one that takes the place of a listed file or of its folder', async () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'vamg-outside-'));
    writeFileSync(path.join(outside, 'a.mp4'), 'secret');
    put('in/a.mp4', 'inside');
    symlinkSync(path.join(outside, 'a.mp4'), path.join(folder, 'link.mp4'));
    symlinkSync(outside, path.join(folder, 'linked'));
    const source = new FolderSource(folder);
    const page = await source.list(null, 10);
    expect([page.files.map(({ name }) => name), page.passedOver.map(({ name }) => name)]).toEqual([['in/a.mp4'], ['link.mp4', 'linked']]);
    const refused = { failure: 'NotFound', message: expect.not.stringContaining(outside) as string };
    rmSync(path.join(folder, 'in/a.mp4'));
    symlinkSync(path.join(outside, 'a.mp4'), path.join(folder, 'in/a.mp4'));
    await expect(source.fetch(page.files[0]!)).rejects.toMatchObject(refused);
    rmSync(path.join(folder, 'in'), { recursive: true });
    symlinkSync(outside, path.join(folder, 'in'));
    await expect(source.fetch(page.files[0]!)).rejects.toMatchObject(refused);
    rmSync(outside, { recursive: true });
  });

  test.each(['../a.mp4', '/etc/a.mp4', 'x/../../a.mp4', 'a.mp4/..', 'a\0.mp4', '.hidden.mp4', `${'a'.repeat(300)}.mp4`])('%j is neither fetched nor given a result', async (name) => {
    writeFileSync(path.join(folder, 'a.mp4'), 'x');
    mkdirSync(path.join(folder, 'inner'));
    await expect(new FolderSource(path.join(folder, 'inner')).fetch({ name, bytes: 1, version: '' })).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringMatching(/^A file of the archive cannot be fetched: .*\.$/) as string });
  });

  test.each(['../a.mp4', 'x/../../a.mp4', '../inner-too/a.mp4'])('no result is written to where %j leads', async (name) => {
    mkdirSync(path.join(folder, 'inner'));
    const files = new Map([['result.json', async (to: string) => writeFileSync(to, '{}')]]);
    await expect(new FolderDestination(path.join(folder, 'inner')).publish(name, files)).rejects.toThrow(RangeError);
    expect(readdirSync(folder)).toEqual(['inner']);
  });
});

describe('a file store', () => {
  test('with links in it reads, lists, writes and removes nothing through them', async () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'vamg-outside-'));
    writeFileSync(path.join(outside, 'k'), 'secret');
    const store = await FileStore.open(folder);
    await store.put('v1/data/real', Buffer.from('real'));
    symlinkSync(path.join(outside, 'k'), path.join(folder, 'v1/data/k'));
    symlinkSync(outside, path.join(folder, 'v1/linked'));
    const listed: string[] = [];
    for await (const { key } of store.list('v1/')) listed.push(key);
    expect(listed).toEqual(['v1/data/real']);
    for (const key of ['v1/data/k', 'v1/linked/k']) {
      // One after the other: a rejection that nobody waits for yet fails the test.
      for (const work of [() => store.get(key), () => store.stat(key), () => store.getToFile(key, path.join(folder, 'copy')), () => store.remove(key), () => store.putIfAbsent(key, Buffer.from('x'))])
        await expect(work()).rejects.toMatchObject({ failure: 'BadConfig', message: expect.not.stringContaining(outside) as string });
    }
    expect(existsSync(path.join(outside, 'k'))).toBe(true);
    rmSync(outside, { recursive: true });
  });

  test('whose folder for half-written files is a link is not opened', async () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'vamg-outside-'));
    symlinkSync(outside, path.join(folder, 'tmp'));
    await expect(FileStore.open(folder)).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('symbolic link') as string });
    rmSync(outside, { recursive: true });
  });
});
