import { createHash } from 'node:crypto';
import { stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { parseArchiveAddress } from '../../adapters/archive/archive-address';
import { fetchObject, removeForgotten } from '../../adapters/store/fetch-object';
import { S3Bucket } from '../../adapters/store/s3-bucket';
import { s3SettingsFromEnv } from '../../adapters/store/s3-settings';
import { VamgError } from '../../contracts/errors';
import { nameForDisplay } from '../../core/planning/archive-names';
import { loadConfig } from '../../workers/config';
import type { Fetching, NamedVideo } from './resolve-video';

/** Jobs of a file store read the fetched file, also when they are resumed weeks later. */
const FORGOTTEN_MS = 90 * 24 * 3600_000;
const LONGEST_NAME = 200;

/**
 * Have the video at s3://bucket/key on this machine, in .vamg/fetched; the same version is fetched once. The connection comes from the
 * environment, as for the store.
 * @throws VamgError BadConfig for an address that names no object, or without rights; PoisonVideo when there is none; StoreUnavailable
 */
export async function fetchVideo(address: string, { note, signal = new AbortController().signal }: Fetching): Promise<NamedVideo> {
  const shown = nameForDisplay(address.slice(0, 200));
  const parsed = parseArchiveAddress(address, 'The video');
  const key = parsed.kind === 's3' ? parsed.prefix.slice(0, -1) : '';
  if (parsed.kind !== 's3' || key === '' || address.endsWith('/')) throw new VamgError('BadConfig', `${shown} names no object; write s3://bucket/folder/film.mp4, or use \`vamg archive\` for all videos of a folder.`);
  const bucket = new S3Bucket(s3SettingsFromEnv(process.env), parsed.bucket, '');
  const object = await bucket.stat(key);
  if (object === null) throw new VamgError('PoisonVideo', `The video ${shown} does not exist; check bucket and key. (\`vamg archive\` takes all videos of a folder.)`);
  const name = nameForDisplay(key.split('/').at(-1)!).replaceAll('\\', '?');
  const cache = path.join(loadConfig().home, 'fetched');
  const folder = path.join(cache, createHash('sha256').update(JSON.stringify([parsed.bucket, key, object.version])).digest('hex'));
  const file = path.join(folder, Buffer.byteLength(name) > LONGEST_NAME ? `video${path.extname(name).slice(0, 10)}` : name);
  if ((await stat(file).catch(() => null))?.size !== object.bytes) {
    note?.(`fetching ${shown} (${(object.bytes / 1e6).toFixed(1)} MB)`);
    await removeForgotten(cache, FORGOTTEN_MS);
    await fetchObject(bucket, object, file, signal);
  }
  // The folder says when it was last used: the time of the file itself must not change.
  await utimes(folder, new Date(), new Date());
  return { file, name };
}
