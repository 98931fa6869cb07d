import { createServer, type Server } from 'node:http';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpenArchive } from '../../../adapters/archive/open-archive';
import type { ArchiveListing, ArchiveSource } from '../../../adapters/archive/archive-source';
import { FolderDestination } from '../../../adapters/archive/folder-destination';
import { s3SettingsFromEnv } from '../../../adapters/store/s3-settings';
import { S3Store } from '../../../adapters/store/s3-store';
import { resolveVideo, type NamedVideo } from '../../../cli/job/resolve-video';
import { VamgError } from '../../../contracts/errors';
import { nameForDisplay } from '../../../core/planning/archive-names';

/** A bucket whose owner means harm: it lists whatever names it likes, and has an object of six bytes under each. */
class EvilBucket {
  names: readonly string[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<EvilBucket> {
    const server = createServer((request, response) => {
      const isListing = (request.url ?? '').includes('list-type=2');
      response.setHeader('etag', '"e"').setHeader('last-modified', new Date(0).toUTCString()).setHeader('content-length', isListing ? Buffer.byteLength(bucket.listing()) : 6);
      response.end(request.method === 'HEAD' ? undefined : isListing ? bucket.listing() : 'frames');
    });
    const bucket = new EvilBucket(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return bucket;
  }

  private listing(): string {
    const escape = (name: string): string => [...name].map((char) => (/[\w./-]/.test(char) ? char : `&#x${char.codePointAt(0)!.toString(16)};`)).join('');
    const contents = this.names.map((name) => `<Contents><Key>${escape(name)}</Key><Size>6</Size><ETag>"e"</ETag><LastModified>1970-01-01T00:00:00Z</LastModified></Contents>`);
    return `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`;
  }

  get env(): Record<string, string> {
    return { VAMG_S3_ENDPOINT: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const REFUSED = [
  '../a.mp4', '../../../../etc/cron.d/a.mp4', '/etc/a.mp4', 'x/../../a.mp4', 'x/..', '..', './a.mp4', 'x//a.mp4', '..\\..\\a.mp4', 'C:\\a.mp4', 'nul\0.mp4', 'a\n.mp4', 'esc\x1b[2J.mp4',
  `${'n/'.repeat(600)}a.mp4`, `${'a'.repeat(5000)}.mp4`, `${'ä'.repeat(130)}.mp4`, 'half\uFFFD.mp4', '.ssh/a.mp4', 'a.mp4-vamg/overlay.mp4', 'list.m3u8', 'a.mp4.mpd', 'authorized_keys',
];
/** Strange, but names of files like others. Some look like what they are not: a slash, two dots, another ending. */
const TAKEN = ['a\uFF0Fb.mp4', '\u2024\u2024/a.mp4', '\u2025/a.mp4', '%2e%2e/a.mp4', '%2e%2e%2fa.mp4', 'gpj.\u202E4pm.mp4', 'zero\u200Bwidth.mp4', '-rf.mp4', '$(id).mp4', '~/a.mp4', 'aux.mp4', '日本.mp4'];

describe('names of objects', () => {
  let bucket: EvilBucket;
  let folder: string;
  let source: ArchiveSource;
  const signal = new AbortController().signal;

  beforeAll(async () => {
    bucket = await EvilBucket.start();
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'vamg-objects-')));
    source = createOpenArchive({ fetchFolder: path.join(folder, 'in/fetched'), scratchRoot: path.join(folder, 'in/scratch'), env: bucket.env }).source('s3://bucket', 'k');
  });
  afterAll(async () => {
    await bucket.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const list = async (names: readonly string[]): Promise<ArchiveListing> => {
    bucket.names = names;
    return await source.list(null, 1000);
  };

  test.each(REFUSED)('%j is passed over with a reason, and not fetched either', async (name) => {
    const page = await list([name, 'good.mp4']);
    expect(page.files.map((file) => file.name)).toEqual(['good.mp4']);
    expect(page.passedOver).toEqual([{ name, reason: expect.stringMatching(/\w/) as string }]);
    expect(nameForDisplay(name)).toMatch(/^[^\p{Cc}]{1,1000}$/u);
    await expect(source.fetch({ name, bytes: 6, version: 'e' }, signal)).rejects.toMatchObject({ failure: 'BadConfig' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(TAKEN.map((name) => ({ name, shown: encodeURI(name) })))('$shown is fetched into the folder for it, and its result stays in its own', async ({ name }) => {
    const [file] = (await list([name])).files;
    expect(file?.name).toBe(name);
    const { path: local } = await source.fetch(file!, signal);
    expect(path.relative(path.join(folder, 'in/fetched'), local).split(path.sep)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), name.split('/').at(-1)]);
    await source.release(file!);
    await new FolderDestination(path.join(folder, 'out')).publish(name, new Map());
    expect(existsSync(path.join(folder, 'out', ...`${name}-vamg`.split('/')))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['in', 'out']);
    expect(nameForDisplay(name)).not.toMatch(/\p{Bidi_Control}/u);
    rmSync(path.join(folder, 'in'), { recursive: true });
    rmSync(path.join(folder, 'out'), { recursive: true });
  });

  test.each(['..', 'x/..', '../a.mp4', 'x/../../a.mp4', '..\\..\\a.mp4', 'esc\x1b[2J.mp4', `${'a'.repeat(900)}.mp4`, '-i.mp4', '~', 'gpj.\u202E4pm'].map((key) => ({ key, shown: encodeURI(key.slice(0, 40)) })))(
    'a video that is named s3://bucket/$shown comes into a folder of its own, or is refused',
    async ({ key }) => {
      const before = { ...process.env };
      Object.assign(process.env, bucket.env, { VAMG_HOME: path.join(folder, 'home') });
      try {
        const found = await resolveVideo(`s3://bucket/${key}`).catch((error: unknown) => error);
        if (found instanceof VamgError) expect([found.failure, found.message]).toEqual(['BadConfig', expect.not.stringMatching(/\p{Cc}/u)]);
        else {
          const { file, name } = found as NamedVideo;
          expect(path.relative(path.join(folder, 'home/fetched'), file)).toMatch(/^[0-9a-f]{64}\/[^/\p{Cc}\p{Bidi_Control}]+$/u);
          expect(name).not.toMatch(/[\p{Cc}\p{Bidi_Control}/\\]/u);
        }
        expect(found instanceof VamgError).toBe(/(^|\/)\.\.(\/|$)|\x1b/.test(key));
        expect(readdirSync(folder).filter((entry) => entry !== 'home')).toEqual([]);
      } finally {
        process.env = before;
        rmSync(path.join(folder, 'home'), { recursive: true, force: true });
      }
    },
  );

  test('a store lists no keys but its own, and fetches none', async () => {
    const store = new S3Store(s3SettingsFromEnv(bucket.env), 'bucket', 'p/');
    bucket.names = ['p/v1/data/a', 'p/v1/data/../../b', 'p/v1//a', 'p/v1/A', 'p/../v1/a', `p/v1/${'a'.repeat(200)}`, 'p/v1/\uFF0E\uFF0E/a', 'q/v1/data/a'];
    const keys: string[] = [];
    for await (const { key } of store.list('v1/')) keys.push(key);
    expect(keys).toEqual(['v1/data/a']);
    for (const name of bucket.names.slice(1, -1)) await expect(store.get(name.slice(2))).rejects.toMatchObject({ failure: 'BadConfig' });
  });
});
