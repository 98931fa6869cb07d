import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'minio';
import { VamgError } from '../../contracts/errors';
import { createS3Client } from './s3-client';
import { objectVersion, parseListPage } from './s3-list-page';
import { callS3, DEFAULT_S3_LIMITS, type S3CallLimits } from './s3-retry';
import type { S3Settings } from './s3-settings';
import { receive, sendFile, transferMs } from './s3-transfer';
import { isS3NotFound, storeErrorFromS3 } from './store-errors';

export interface BucketObject {
  /** Below the prefix. */
  readonly name: string;
  readonly bytes: number;
  /** ETag; for servers that have none for an object, the time of its change in seconds. */
  readonly version: string;
}

/**
 * Objects of other people, with names of other people, below a prefix of a bucket: the videos of an archive and the results beside
 * them. (Artefacts of our own are S3Store's.) Calls have the same deadlines and retries as there.
 *
 * Methods throw VamgError StoreUnavailable (worth another attempt) or BadConfig (no permission, no such bucket).
 */
export class S3Bucket {
  private readonly client: Client;

  constructor(
    settings: S3Settings,
    private readonly bucket: string,
    /** Empty, or ending in a slash. */
    private readonly prefix: string,
    private readonly limits: S3CallLimits = DEFAULT_S3_LIMITS,
  ) {
    this.client = createS3Client(settings, limits);
  }

  /**
   * Up to `limit` objects (at most 1,000) in the order of their names.
   * @param after the last name of the page before; null for the first page
   */
  async listPage(after: string | null, limit: number): Promise<{ readonly objects: BucketObject[]; readonly isTruncated: boolean }> {
    const query = new URLSearchParams({ 'list-type': '2', 'max-keys': String(Math.min(limit, 1000)), prefix: this.prefix, ...(after !== null && { 'start-after': this.prefix + after }) });
    query.sort();
    const fetchPage = async (): Promise<string> => {
      const answer = await this.client.makeRequestAsync({ method: 'GET', bucketName: this.bucket, query: query.toString().replaceAll('+', '%20') });
      const parts: Buffer[] = [];
      for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
      return Buffer.concat(parts).toString('utf8');
    };
    const page = await this.known(callS3(async () => parseListPage(await fetchPage()), this.limits));
    return { ...page, objects: page.objects.map((object) => ({ ...object, name: object.name.slice(this.prefix.length) })) };
  }

  /** Fetch into a local file. @throws VamgError NotFound */
  async getToFile(name: string, localPath: string): Promise<void> {
    await this.known(receive(() => this.client.getObject(this.bucket, this.prefix + name), (body) => pipeline(body, createWriteStream(localPath)), this.limits));
  }

  async putFile(name: string, localPath: string): Promise<void> {
    await this.known(sendFile(localPath, () => this.client.fPutObject(this.bucket, this.prefix + name, localPath), this.limits));
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.known(callS3(() => this.client.putObject(this.bucket, this.prefix + name, Buffer.from(bytes), bytes.length), this.limits, transferMs(bytes.length, this.limits)));
  }

  /** null when there is no such object. */
  async stat(name: string): Promise<BucketObject | null> {
    try {
      const stat = await callS3(() => this.client.statObject(this.bucket, this.prefix + name), this.limits);
      return { name, bytes: stat.size, version: objectVersion(stat.etag, stat.lastModified) };
    } catch (error) {
      if (isS3NotFound(error)) return null;
      throw storeErrorFromS3(error);
    }
  }

  async remove(name: string): Promise<void> {
    await this.known(callS3(() => this.client.removeObject(this.bucket, this.prefix + name), this.limits));
  }

  private async known<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (isS3NotFound(error)) throw new VamgError('NotFound', 'The bucket no longer has this object.', { cause: error });
      throw storeErrorFromS3(error);
    }
  }
}
