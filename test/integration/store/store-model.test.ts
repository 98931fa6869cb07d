import fc from 'fast-check';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { FileStore } from '../../../adapters/store/file-store';
import { MemoryStore } from '../../../adapters/store/memory-store';
import { s3SettingsFromEnv } from '../../../adapters/store/s3-settings';
import { S3Store } from '../../../adapters/store/s3-store';
import { compareStores, storeSteps } from '../../unit/store/store-steps';
import { describeWithS3, startS3Server, type S3Server } from '../../support/versitygw';

const BUCKET = 'vamg-model';

describeWithS3('three kinds of store and one model (skipped without VERSITYGW_PATH)', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server([BUCKET]);
  });
  afterAll(async () => await server.stop());

  test('any sequence of steps does to memory, file and S3 stores what it does to the model', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(storeSteps(30), async (steps) => {
        const name = `run${runs++}`;
        const scratch = path.join(server.folder, name);
        await mkdir(scratch);
        const stores = { memory: new MemoryStore(), file: await FileStore.open(path.join(scratch, 'store')), s3: new S3Store(s3SettingsFromEnv(server.env), BUCKET, `${name}/`) };
        await compareStores(stores, steps, scratch);
      }),
      { numRuns: 20, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: true },
    );
  });
});
