import type { SourceRegistry } from '../../adapters/store/source-registry';
import { VamgError } from '../../contracts/errors';
import { resolveVideo } from '../job/resolve-video';

/** Make a moved video known under its content. @throws VamgError BadConfig when it is another video */
export async function registerMovedVideo(sources: SourceRegistry, input: string, videoId: string): Promise<void> {
  const { file, name } = await resolveVideo(input);
  const found = await sources.register(file);
  if (found.videoId !== videoId) throw new VamgError('BadConfig', `--video ${name} is not the video that this result was made from; give that one, unchanged.`);
}

/** The films are drawn over the video, so it must be there. @throws VamgError NotFound, saying what to do */
export async function checkVideo(sources: SourceRegistry, videoId: string): Promise<void> {
  try {
    await sources.resolve(videoId);
  } catch (cause) {
    if (!(cause instanceof VamgError) || (cause.failure !== 'NotFound' && cause.failure !== 'PoisonVideo')) throw cause;
    const why = cause.failure === 'NotFound' ? 'The video of this result is no longer where it was' : 'The video of this result has changed';
    throw new VamgError('NotFound', `${why}, and overlay.mp4 and the viewer are drawn over it; say with --video FILE where it is now, or leave them out with --no-overlay --no-viewer.`, { cause });
  }
}
