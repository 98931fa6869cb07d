import { link, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileStore } from '../../../adapters/store/file-store';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { openStore } from '../../../adapters/store/open-store';
import { s3LimitsFromEnv, s3SettingsFromEnv } from '../../../adapters/store/s3-settings';
import { describeStoreContract } from './store-contract';

const folders: string[] = [];
async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'vamg-file-store-'));
  folders.push(folder);
  return folder;
}
afterAll(async () => await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

describeStoreContract('MemoryStore', async () => new MemoryStore());
describeStoreContract('FileStore', async () => await FileStore.open(await tempFolder()));

describe('FileStore', () => {
  test('leaves no temporary files, also when the source is missing', async () => {
    const folder = await tempFolder();
    const store = await FileStore.open(folder);
    await store.put('v1/data/a', Buffer.from('a'));
    await expect(store.putFile('v1/data/b', path.join(folder, 'missing'))).rejects.toMatchObject({ failure: 'StoreUnavailable' });
    expect(await readdir(path.join(folder, 'tmp'))).toEqual([]);
    expect(await store.exists('v1/data/b')).toBe(false);
  });

  test('refuses symbolic links, whether file or folder, and never writes through them', async () => {
    const folder = await tempFolder();
    const outside = await tempFolder();
    await writeFile(path.join(outside, 'secret'), 'secret');
    const store = await FileStore.open(folder);
    await mkdir(path.join(folder, 'v1', 'data'), { recursive: true });
    await symlink(path.join(outside, 'secret'), path.join(folder, 'v1', 'data', 'link'));
    await symlink(outside, path.join(folder, 'v1', 'linked'));
    await expect(store.get('v1/data/link')).rejects.toMatchObject({ failure: 'BadConfig' });
    await expect(store.get('v1/linked/secret')).rejects.toMatchObject({ failure: 'BadConfig' });
    await expect(store.put('v1/linked/new', Buffer.from('x'))).rejects.toMatchObject({ failure: 'BadConfig' });
    expect(await readdir(outside)).toEqual(['secret']);
  });

  test('what others put into the folder is passed over, not stumbled upon', async () => {
    const folder = await tempFolder();
    const store = await FileStore.open(folder);
    await store.put('v1/data/a', Buffer.from('a'));
    for (const name of ['.DS_Store', 'Thumbs.db', 'a b', 'ä']) await writeFile(path.join(folder, 'v1', 'data', name), 'foreign');
    await mkdir(path.join(folder, 'v1', 'data', '.git'));
    await writeFile(path.join(folder, 'v1', 'data', '.git', 'head'), 'foreign');
    const keys: string[] = [];
    for await (const { key } of store.list('v1/')) keys.push(key);
    expect(keys).toEqual(['v1/data/a']);
  });

  test('replacing an object leaves another name for the old bytes alone', async () => {
    const folder = await tempFolder();
    const store = await FileStore.open(folder);
    await store.put('v1/data/a', Buffer.from('old'));
    await link(path.join(folder, 'v1/data/a'), path.join(folder, 'v1/data/b'));
    await store.put('v1/data/a', Buffer.from('new'));
    expect(Buffer.from(await store.get('v1/data/b')).toString()).toBe('old');
  });
});

describe('openStore', () => {
  test('takes a folder and a file URL', async () => {
    const folder = await tempFolder();
    await (await openStore(folder)).store.put('v1/data/a', Buffer.from('a'));
    expect(await (await openStore(`file://${folder}`)).store.exists('v1/data/a')).toBe(true);
  });

  test.each(['http://x/y', 'file://host/x', 's3://', 's3://UPPER', 's3://bucket/../x'])('refuses %s', async (url) => {
    await expect(openStore(url, { env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } })).rejects.toMatchObject({ failure: 'BadConfig' });
  });

  test('S3 settings name missing variables and show no values', () => {
    expect(() => s3SettingsFromEnv({ AWS_SECRET_ACCESS_KEY: 'hush' })).toThrow(/AWS_ACCESS_KEY_ID/);
    expect(() => s3SettingsFromEnv({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', VAMG_S3_ENDPOINT: 'http://user:hush@x/' })).toThrow(/^(?!.*hush).*VAMG_S3_ENDPOINT/);
    expect(() => s3LimitsFromEnv({ VAMG_S3_TIMEOUT: '0' })).toThrow(/VAMG_S3_TIMEOUT/);
    expect(s3LimitsFromEnv({ VAMG_S3_TIMEOUT: '2.5' }).callMs).toBe(2500);
    expect(s3SettingsFromEnv({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', VAMG_S3_ENDPOINT: 'http://127.0.0.1:7070' })).toMatchObject({ endPoint: '127.0.0.1', port: 7070, useSSL: false, pathStyle: true });
  });
});
