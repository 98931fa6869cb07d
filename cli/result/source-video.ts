import { hashFile } from '../../adapters/store/hash-file';
import { VamgError } from '../../contracts/errors';
import { resolveVideo } from '../job/resolve-video';

/** The video that the user named, if a result was made from it. @returns its path. @throws VamgError BadConfig when it is another one, PoisonVideo */
export async function checkSourceVideo(input: string, { video }: { readonly video: { readonly id: string; readonly name: string } }): Promise<string> {
  const { file, name } = await resolveVideo(input);
  if ((await hashFile(file)).sha256 !== video.id) throw new VamgError('BadConfig', `--video ${name} is not the video that this result was made from (${video.name}); give that one, unchanged.`);
  return file;
}
