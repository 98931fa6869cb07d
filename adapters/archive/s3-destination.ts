import { rm } from 'node:fs/promises';
import path from 'node:path';
import { resultFolderName } from '../../core/planning/archive-names';
import type { S3Bucket } from '../store/s3-bucket';
import { withScratchDir } from '../store/scratch-dir';
import { REPORTS_FOLDER, RESULT_FILE, type ArchiveDestination } from './archive-destination';

/**
 * Results below a prefix of a bucket. S3 cannot rename a folder, so `result.json` says that the rest is there: it is removed before
 * anything is replaced and written last.
 */
export class S3Destination implements ArchiveDestination {
  constructor(
    private readonly bucket: S3Bucket,
    private readonly scratchRoot: string,
  ) {}

  async has(name: string): Promise<boolean> {
    return (await this.bucket.stat(`${resultFolderName(name)}/${RESULT_FILE}`)) !== null;
  }

  async publish(name: string, files: ReadonlyMap<string, (localPath: string) => Promise<void>>): Promise<void> {
    const folder = resultFolderName(name);
    await this.bucket.remove(`${folder}/${RESULT_FILE}`);
    await withScratchDir(this.scratchRoot, async (scratch) => {
      const local = path.join(scratch, 'file');
      const names = [...files.keys()].filter((file) => file !== RESULT_FILE);
      for (const file of [...names, RESULT_FILE]) {
        await files.get(file)?.(local);
        await this.bucket.putFile(`${folder}/${file}`, local);
        await rm(local, { force: true });
      }
    });
  }

  async putReport(name: string, text: string): Promise<void> {
    await this.bucket.put(`${REPORTS_FOLDER}/${name}`, Buffer.from(text));
  }
}
