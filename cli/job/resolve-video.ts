import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VamgError } from '../../contracts/errors';
import { nameForDisplay } from '../../core/planning/archive-names';
import { loadFetchVideo } from '../lazy';
import { fromUserFolder } from '../output/user-folder';

/** For a video that is not on this machine. */
export interface Fetching {
  readonly note?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface NamedVideo {
  /** Absolute local path. */
  readonly file: string;
  /** Base name as it may be shown. */
  readonly name: string;
}

/**
 * The video that the user named: a path, a file:// address, or s3://bucket/key, which is fetched.
 * @throws VamgError BadConfig for addresses that are not understood, PoisonVideo when there is no such file
 */
export async function resolveVideo(input: string, fetching: Fetching = {}): Promise<NamedVideo> {
  if (/^s3:\/\//i.test(input)) return await loadFetchVideo().fetchVideo(input, fetching);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(input) && !input.startsWith('file://'))
    throw new VamgError('BadConfig', `A video is a file, a file:// address or s3://bucket/key; ${input.split('://', 1)[0]}:// is not supported. Download it first.`);
  const file = input.startsWith('file://') ? filePath(input) : fromUserFolder(input);
  const name = nameForDisplay(path.basename(file));
  const status = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' || cause.code === 'ENOTDIR' ? 'does not exist' : `cannot be read (${cause.code ?? 'unknown'})`;
    throw new VamgError('PoisonVideo', `The video ${nameForDisplay(input)} ${why}; check the path.`, { cause });
  });
  if (status.isDirectory()) throw new VamgError('PoisonVideo', `${nameForDisplay(input)} is a folder; give one video file.`);
  return { file, name };
}

function filePath(address: string): string {
  try {
    return fileURLToPath(address);
  } catch (cause) {
    throw new VamgError('BadConfig', `${nameForDisplay(address)} is not a usable file:// address; write file:///folder/film.mp4.`, { cause });
  }
}
