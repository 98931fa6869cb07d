import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { S3Bucket } from '../../../adapters/store/s3-bucket';
import { s3SettingsFromEnv } from '../../../adapters/store/s3-settings';
import { resolveVideo } from '../../../cli/job/resolve-video';
import { describeWithS3, startS3Server, type S3Server } from '../../support/versitygw';

describeWithS3('a video that is named s3://bucket/key (skipped without VERSITYGW_PATH)', () => {
  let server: S3Server;
  let home: string;
  let bucket: S3Bucket;
  const before = { ...process.env };

  beforeAll(async () => {
    server = await startS3Server(['films']);
    home = mkdtempSync(path.join(tmpdir(), 'vamg-fetch-'));
    Object.assign(process.env, server.env, { VAMG_HOME: home });
    bucket = new S3Bucket(s3SettingsFromEnv(server.env), 'films', '');
    await bucket.put('talks/One film ä.mp4', Buffer.from('the first film'));
  });
  afterAll(async () => {
    process.env = before;
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const fetched = (): string[] => readdirSync(path.join(home, 'fetched'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/')).sort();

  test('is fetched once for each version, under its own name', async () => {
    const notes: string[] = [];
    const note = (text: string): void => void notes.push(text);
    const first = await resolveVideo('s3://films/talks/One film ä.mp4', { note });
    expect(first.name).toBe('One film ä.mp4');
    expect(readFileSync(first.file, 'utf8')).toBe('the first film');
    expect(notes).toEqual(['fetching s3://films/talks/One film ä.mp4 (0.0 MB)']);
    const changed = statSync(first.file).mtimeMs;
    expect(await resolveVideo('s3://films/talks/One film ä.mp4', { note })).toEqual(first);
    // A job that goes on notices when its video's time has changed.
    expect(statSync(first.file).mtimeMs).toBe(changed);
    expect(notes).toHaveLength(1);
    await bucket.put('talks/One film ä.mp4', Buffer.from('another cut of it'));
    const second = await resolveVideo('s3://films/talks/One film ä.mp4', { note });
    expect(second.file).not.toBe(first.file);
    expect(readFileSync(second.file, 'utf8')).toBe('another cut of it');
    expect(readFileSync(first.file, 'utf8')).toBe('the first film');
    expect(fetched()).toHaveLength(2);
  });

  test('a download that was cut off is not taken for the video', async () => {
    const { file } = await resolveVideo('s3://films/talks/One film ä.mp4');
    writeFileSync(file, 'another cu');
    expect(readFileSync((await resolveVideo('s3://films/talks/One film ä.mp4')).file, 'utf8')).toBe('another cut of it');
  });

  test.each([
    ['s3://films/talks/none.mp4', 'PoisonVideo', /does not exist/],
    ['s3://films/talks/', 'BadConfig', /names no object/],
    ['s3://films', 'BadConfig', /names no object/],
    ['s3://films/../other/film.mp4', 'BadConfig', /must be s3:/],
    ['s3://Films/film.mp4', 'BadConfig', /must be s3:/],
    ['s3://nobody-has-this/film.mp4', 'PoisonVideo', /check bucket and key/],
  ])('%s is %s', async (address, failure, message) => {
    await expect(resolveVideo(address)).rejects.toMatchObject({ failure, message: expect.stringMatching(message) as string });
  });

  test('keys that are no file names, and rights that are missing', async () => {
    await bucket.put(`long/${'n'.repeat(240)}.mp4`, Buffer.from('long'));
    expect(path.basename((await resolveVideo(`s3://films/long/${'n'.repeat(240)}.mp4`)).file)).toBe('video.mp4');
    process.env['AWS_SECRET_ACCESS_KEY'] = 'hush-hush-hush';
    await expect(resolveVideo('s3://films/talks/One film ä.mp4')).rejects.toMatchObject({ failure: 'BadConfig', message: expect.not.stringContaining('hush') as string });
  });
});
