import { createServer, connect, type Server, type Socket } from 'node:net';
import { createS3Client } from '../../../adapters/store/s3-client';
import { S3Store } from '../../../adapters/store/s3-store';
import { DEFAULT_S3_LIMITS, type S3CallLimits } from '../../../adapters/store/s3-retry';
import { s3SettingsFromEnv, type S3Settings } from '../../../adapters/store/s3-settings';
import { freePort } from '../../../infra/dev-server/free-port';
import { describeWithS3, startS3Server, type S3Server } from '../../support/versitygw';
import { describeStoreContract } from '../../unit/store/store-contract';

const BUCKET = 'vamg-test';

describeWithS3('S3Store on versitygw (skipped without VERSITYGW_PATH)', () => {
  let server: S3Server;
  let stores = 0;

  const settings = (at: number): S3Settings => ({ ...s3SettingsFromEnv(server.env), port: at });
  const open = (at = server.port, limits: S3CallLimits = DEFAULT_S3_LIMITS): S3Store => new S3Store(settings(at), BUCKET, `run${stores++}/`, limits);

  beforeAll(async () => {
    server = await startS3Server([BUCKET]);
  });
  afterAll(async () => await server.stop());

  describeStoreContract('S3Store', async () => open());

  test('more than one page of objects is listed', async () => {
    const store = open();
    for (let batch = 0; batch < 21; batch++) await Promise.all(Array.from({ length: 50 }, (_, i) => store.put(`v1/many/${String(batch * 50 + i).padStart(5, '0')}`, Buffer.from('x'))));
    let count = 0;
    let last = '';
    for await (const { key } of store.list('v1/many/')) {
      expect(key > last).toBe(true);
      last = key;
      count++;
    }
    expect(count).toBe(1050);
  });

  test('uploads that were never finished are removed once they are old enough', async () => {
    const client = createS3Client(settings(server.port), DEFAULT_S3_LIMITS);
    const store = new S3Store(settings(server.port), BUCKET, 'uploads/');
    const begin = (): Promise<string> => client.initiateNewMultipartUpload(BUCKET, 'uploads/v1/data/big', {});
    await begin();
    await begin();
    await store.put('v1/data/small', Buffer.from('x'));
    expect(await store.removeAbandoned(Date.now() - 3600_000)).toBe(0);
    expect(await store.removeAbandoned(Date.now() + 60_000)).toBe(2);
    expect(await store.removeAbandoned(Date.now() + 60_000)).toBe(0);
    expect(await store.exists('v1/data/small')).toBe(true);
  });

  test('wrong credentials are BadConfig and are not shown', async () => {
    const store = new S3Store({ ...settings(server.port), secretKey: 'hush-hush-hush' }, BUCKET, '');
    await expect(store.put('v1/data/x', Buffer.from('x'))).rejects.toMatchObject({ failure: 'BadConfig', message: expect.not.stringContaining('hush') as string });
  });

  describe('behind a network that misbehaves', () => {
    let proxy: Server;
    let proxyPort: number;
    let mode: 'pass' | 'reset' | 'silent' = 'pass';
    let resets = 0;
    const sockets = new Set<Socket>();
    beforeAll(async () => {
      proxyPort = await freePort('127.0.0.1');
      proxy = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        if (mode === 'reset' && resets-- > 0) return void socket.resetAndDestroy();
        if (mode === 'silent') return;
        const upstream = connect(server.port, '127.0.0.1');
        upstream.on('error', () => socket.destroy());
        socket.pipe(upstream).pipe(socket);
      }).listen(proxyPort, '127.0.0.1');
    });
    afterAll(() => {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
    });

    test('connection resets are survived', async () => {
      const store = open(proxyPort, { ...DEFAULT_S3_LIMITS, backoffMs: 20 });
      [mode, resets] = ['reset', 2];
      await store.put('v1/data/a', Buffer.from('a'));
      expect(Buffer.from(await store.get('v1/data/a')).toString()).toBe('a');
    });

    test('a server that never answers is StoreUnavailable within the deadline', async () => {
      mode = 'silent';
      const store = open(proxyPort, { callMs: 300, slowestBytesPerSecond: 32_768, attempts: 2, backoffMs: 20 });
      const started = Date.now();
      await expect(store.get('v1/data/a')).rejects.toMatchObject({ failure: 'StoreUnavailable' });
      await expect(store.put('v1/data/a', Buffer.from('a'))).rejects.toMatchObject({ failure: 'StoreUnavailable' });
      expect(Date.now() - started).toBeLessThan(5000);
    });
  });
});
