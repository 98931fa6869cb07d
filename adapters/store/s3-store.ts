import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { BucketItem, Client } from 'minio';
import { checkKey, checkPrefix, isKey, objectNotFound, type ObjectStat, type ObjectStore } from './object-store';
import { createS3Client } from './s3-client';
import { callS3, DEFAULT_S3_LIMITS, withDeadline, withRetries, type S3CallLimits } from './s3-retry';
import type { S3Settings } from './s3-settings';
import { receive, sendFile, transferMs } from './s3-transfer';
import { errorCode, isS3NotFound, storeErrorFromS3 } from './store-errors';

/** The list of unfinished uploads takes a call for each. */
const LISTING_CALLS = 100;

/**
 * A store in an S3 bucket, under a key prefix, through the minio client. The client hangs for ever on a silent server, does not
 * retry resets and mishandles live streams, so: every call has a deadline and retries, uploads come from buffers or files.
 */
export class S3Store implements ObjectStore {
  readonly description: string;
  private readonly client: Client;

  constructor(
    settings: S3Settings,
    private readonly bucket: string,
    /** Empty, or ending in a slash. */
    private readonly prefix: string,
    private readonly limits: S3CallLimits = DEFAULT_S3_LIMITS,
  ) {
    this.description = `S3 bucket ${bucket}`;
    this.client = createS3Client(settings, limits);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.call((name) => this.client.putObject(this.bucket, name, Buffer.from(bytes), bytes.length), key, transferMs(bytes.length, this.limits));
  }

  async putFile(key: string, localPath: string): Promise<void> {
    const name = this.prefix + checkKey(key);
    await sendFile(localPath, () => this.client.fPutObject(this.bucket, name, localPath), this.limits);
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const headers = { 'If-None-Match': '*' };
    try {
      await this.call((name) => this.client.putObject(this.bucket, name, Buffer.from(bytes), bytes.length, headers), key, transferMs(bytes.length, this.limits));
      return true;
    } catch (error) {
      if (errorCode(error) === 'PreconditionFailed') return false;
      throw storeErrorFromS3(error);
    }
  }

  async get(key: string): Promise<Uint8Array> {
    return await this.reading(key, async (body) => {
      const parts: Buffer[] = [];
      for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
      return new Uint8Array(Buffer.concat(parts));
    });
  }

  async getToFile(key: string, localPath: string): Promise<void> {
    await this.reading(key, (body) => pipeline(body, createWriteStream(localPath)));
  }

  async stat(key: string): Promise<ObjectStat | null> {
    try {
      const stat = await this.call((name) => this.client.statObject(this.bucket, name), key);
      return { key, bytes: stat.size, modifiedAtMs: stat.lastModified.getTime() };
    } catch (error) {
      if (isS3NotFound(error)) return null;
      throw storeErrorFromS3(error);
    }
  }

  async exists(key: string): Promise<boolean> {
    return (await this.stat(key)) !== null;
  }

  async *list(prefix: string): AsyncGenerator<ObjectStat> {
    const start = this.prefix + checkPrefix(prefix);
    let after = '';
    for (;;) {
      const page = await callS3(() => this.listPage(start, after), this.limits);
      yield* page.items;
      if (page.next === null) return;
      after = page.next;
    }
  }

  async remove(key: string): Promise<void> {
    await this.call((name) => this.client.removeObject(this.bucket, name), key);
  }

  /** Create the bucket when it is not there (quick start and tests). */
  async ensureBucket(): Promise<void> {
    await withRetries(async () => {
      if (!(await withDeadline(this.client.bucketExists(this.bucket), this.limits.callMs))) await withDeadline(this.client.makeBucket(this.bucket), this.limits.callMs);
    }, this.limits);
  }

  /** Multipart uploads under our prefix. */
  async removeAbandoned(beforeMs: number): Promise<number> {
    const uploads = await callS3(() => this.unfinishedUploads(), this.limits, LISTING_CALLS * this.limits.callMs);
    const old = uploads.filter(({ initiated }) => initiated.getTime() < beforeMs);
    for (const { key, uploadId } of old) await callS3(() => this.client.abortMultipartUpload(this.bucket, key, uploadId), this.limits);
    return old.length;
  }

  private async unfinishedUploads(): Promise<{ key: string; uploadId: string; initiated: Date }[]> {
    // The client's types leave out when an upload began.
    const found = this.client.listIncompleteUploads(this.bucket, `${this.prefix}v1/`, true) as AsyncIterable<{ key: string; uploadId: string; initiated: Date }>;
    const uploads: { key: string; uploadId: string; initiated: Date }[] = [];
    for await (const upload of found) uploads.push(upload);
    return uploads;
  }

  /** Up to 1,000 objects after `after`. */
  private async listPage(start: string, after: string): Promise<{ items: ObjectStat[]; next: string | null }> {
    const items: ObjectStat[] = [];
    let [seen, last] = [0, ''];
    const objects = this.client.listObjectsV2(this.bucket, start, true, after) as AsyncIterable<BucketItem>;
    for await (const object of objects) {
      if (object.name === undefined) continue;
      [seen, last] = [seen + 1, object.name];
      const key = object.name.slice(this.prefix.length);
      if (object.name.startsWith(start) && isKey(key)) items.push({ key, bytes: object.size, modifiedAtMs: object.lastModified?.getTime() ?? 0 });
      if (seen === 1000) return { items, next: last };
    }
    return { items, next: null };
  }

  private async call<T>(send: (name: string) => Promise<T>, key: string, ms = this.limits.callMs): Promise<T> {
    const name = this.prefix + checkKey(key);
    return await callS3(() => send(name), this.limits, ms);
  }

  private async reading<T>(key: string, read: (body: Readable) => Promise<T>): Promise<T> {
    try {
      const name = this.prefix + checkKey(key);
      return await receive(() => this.client.getObject(this.bucket, name), read, this.limits);
    } catch (error) {
      if (isS3NotFound(error)) throw objectNotFound(key);
      throw storeErrorFromS3(error);
    }
  }
}
