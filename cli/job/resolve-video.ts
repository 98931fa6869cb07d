import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VamgError } from '../../contracts/errors';
import { nameForDisplay } from '../../core/planning/archive-names';
import { fromUserFolder } from '../output/user-folder';

export interface NamedVideo {
  /** Absolute local path. */
  readonly file: string;
  /** Base name as it may be shown. */
  readonly name: string;
}

/**
 * The video that the user named: a path or a file:// address.
 * @throws VamgError BadConfig for addresses that are not understood, PoisonVideo when there is no such file
 */
export async function resolveVideo(input: string): Promise<NamedVideo> {
  if (/^s3:\/\//i.test(input))
    throw new VamgError('BadConfig', `Videos in S3 cannot be named directly yet, got ${nameForDisplay(input.slice(0, 100))}; download the video and give its path. (--store s3://… for the results works.)`);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(input) && !input.startsWith('file://'))
    throw new VamgError('BadConfig', `A video is a file or a file:// address; ${input.split('://', 1)[0]}:// is not supported. Download it first.`);
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
