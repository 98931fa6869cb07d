import { hashFile } from '../../adapters/store/hash-file';
import { VamgError } from '../../contracts/errors';
import type { VideoInfo } from '../../contracts/video-info';
import { resolveVideo } from '../job/resolve-video';

/** The video that the user named, if a result was made from it. @returns its path. @throws VamgError BadConfig when it is another one, PoisonVideo */
export async function checkSourceVideo(input: string, { video }: { readonly video: { readonly id: string; readonly name: string } }): Promise<string> {
  const { file, name } = await resolveVideo(input);
  if ((await hashFile(file)).sha256 !== video.id) throw new VamgError('BadConfig', `--video ${name} is not the video that this result was made from (${video.name}); give that one, unchanged.`);
  return file;
}

/** @throws VamgError CorruptArtifact when masks of this size cannot be those of the video */
export function checkMaskSize({ width, height }: { readonly width: number; readonly height: number }, info: Pick<VideoInfo, 'width' | 'height'>): void {
  if (width !== info.width || height !== info.height)
    throw new VamgError('CorruptArtifact', `This result is damaged: its masks are ${width}x${height}, the video is ${info.width}x${info.height}; run \`vamg segment\` again, which takes it from the store.`);
}
