import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createOpenArchive, type OpenArchive } from '../../../adapters/archive/open-archive';
import { S3Bucket } from '../../../adapters/store/s3-bucket';
import { s3SettingsFromEnv } from '../../../adapters/store/s3-settings';
import { describeWithS3, startS3Server, type S3Server } from '../../support/versitygw';

const BUCKET = 'vamg-archive';
const signal = new AbortController().signal;

describeWithS3('an archive in S3, on versitygw (skipped without VERSITYGW_PATH)', () => {
  let server: S3Server;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let open: OpenArchive;

  const bucket = (prefix: string): S3Bucket => new S3Bucket(s3SettingsFromEnv(env), BUCKET, prefix);

  beforeAll(async () => {
    server = await startS3Server([BUCKET]);
    ({ folder, env } = server);
    open = createOpenArchive({ fetchFolder: path.join(folder, 'fetched'), scratchRoot: path.join(folder, 'scratch'), env });
  });
  afterAll(async () => await server.stop());

  test('videos are listed in pages, whatever their names; the rest is passed over', async () => {
    const videos = ['a b/ä ö.mp4', 'c+d&e=f.mkv', 'sub/x.mp4', 'sub/y.webm', '日本.mov', 'z%20.mp4', '100%.mp4', `<&"'>.mp4`];
    for (const name of [...videos, 'sub/notes.txt', 'list.m3u8', 'x.mp4-vamg/overlay.mp4']) await bucket('list/').put(name, Buffer.from(name));
    const source = open.source(`s3://${BUCKET}/list`, 'k');
    const [names, passedOver]: [string[], string[]] = [[], []];
    let pages = 0;
    for (let after: string | null = null; ; ) {
      const page = await source.list(after, 2);
      pages++;
      names.push(...page.files.map(({ name }) => name));
      passedOver.push(...page.passedOver.map(({ name }) => name));
      if (page.next === null) break;
      after = page.next;
    }
    expect([...names].sort()).toEqual([...videos].sort());
    expect(passedOver.sort()).toEqual(['list.m3u8', 'sub/notes.txt', 'x.mp4-vamg/overlay.mp4']);
    expect(pages).toBeGreaterThanOrEqual(5);
  });

  test('more than a thousand objects are listed once each', async () => {
    for (let batch = 0; batch < 21; batch++) await Promise.all(Array.from({ length: 50 }, (_, i) => bucket('many/').put(`${String(batch * 50 + i).padStart(5, '0')}.mp4`, Buffer.from('x'))));
    const source = open.source(`s3://${BUCKET}/many/`, 'k');
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await source.list(after, 200);
      seen.push(...page.files.map(({ name }) => name));
      if ((after = page.next) === null) break;
    }
    expect([seen.length, new Set(seen).size]).toEqual([1050, 1050]);
  });

  test('a video is fetched as it was listed, and its version changes with its bytes', async () => {
    await bucket('fetch/').put('ä/film.mp4', Buffer.from('frames'));
    const source = open.source(`s3://${BUCKET}/fetch`, 'k');
    const [file] = (await source.list(null, 10)).files;
    const { path: local } = await source.fetch(file!, signal);
    expect([path.basename(local), readFileSync(local, 'utf8')]).toEqual(['film.mp4', 'frames']);
    await source.release(file!);
    expect(existsSync(local)).toBe(false);
    await bucket('fetch/').put('ä/film.mp4', Buffer.from('framed'));
    await expect(source.fetch(file!, signal)).rejects.toMatchObject({ failure: 'NotFound' });
    const [changed] = (await source.list(null, 10)).files;
    expect([changed?.bytes === file?.bytes, changed?.version === file?.version]).toEqual([true, false]);
    expect(readdirSync(path.join(folder, 'fetched'))).toEqual([]);
  });

  test('a result counts as there once its result.json is, which is written last', async () => {
    const destination = open.destination(`s3://${BUCKET}/out`);
    const write = (text: string) => async (to: string) => writeFileSync(to, text);
    const failing = new Map([['result.json', write('{}')], ['masks.jsonl', async () => Promise.reject(new Error('no'))]]);
    await expect(destination.publish('s/ä.mp4', failing)).rejects.toThrow('no');
    expect(await destination.has('s/ä.mp4')).toBe(false);
    await destination.publish('s/ä.mp4', new Map([['result.json', write('{}')], ['masks.jsonl', write('m')], ['viewer/a.js', write('v')]]));
    expect(await destination.has('s/ä.mp4')).toBe(true);
    await expect(destination.publish('s/ä.mp4', failing)).rejects.toThrow('no');
    expect(await destination.has('s/ä.mp4')).toBe(false);
    await destination.putReport('r.txt', 'text');
    expect((await bucket('out/').listPage(null, 10)).objects.map(({ name }) => name)).toEqual(['archive-reports/r.txt', 's/ä.mp4-vamg/masks.jsonl', 's/ä.mp4-vamg/viewer/a.js']);
  });

  test('a bucket that is not there, and wrong credentials, are BadConfig', async () => {
    await expect(open.source('s3://no-such-bucket/x', 'k').list(null, 10)).rejects.toMatchObject({ failure: 'BadConfig' });
    const wrong = createOpenArchive({ fetchFolder: folder, scratchRoot: folder, env: { ...env, AWS_SECRET_ACCESS_KEY: 'hush-hush' } });
    await expect(wrong.source(`s3://${BUCKET}/list`, 'k').list(null, 10)).rejects.toMatchObject({ failure: 'BadConfig', message: expect.not.stringContaining('hush') as string });
  });
});
