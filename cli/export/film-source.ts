import type { ExportSource } from '../../adapters/export/types';
import type { FilmFormat, FilmSource } from '../../adapters/film-export/types';
import { VamgError } from '../../contracts/errors';
import { loadMediaTools } from '../lazy';
import { parseObjects } from '../options/object-list';
import { readResultSummary } from '../result/read-result';
import { checkMaskSize, checkSourceVideo } from '../result/source-video';

/** What the user said about films. */
export interface FilmFlags {
  readonly video?: string;
  readonly objects?: string;
}

/** @throws VamgError BadConfig when `--video` or `--objects` is missing for these formats, or would be of no use */
export function checkFilmFlags(films: readonly FilmFormat[], { video, objects }: FilmFlags): void {
  const [first] = films;
  if (first === undefined) {
    if (video !== undefined || objects !== undefined) throw new VamgError('BadConfig', '--video and --objects are for films and pictures; the other formats hold all objects, and need no video.');
    return;
  }
  if (video === undefined) throw new VamgError('BadConfig', `${first.name} is made from the video: add --video FILE, the very video of this result.`);
  const choice = films.find(({ needsChoice }) => needsChoice);
  if (choice !== undefined && objects === undefined) throw new VamgError('BadConfig', `${choice.name} writes much for every object: say which with --objects 3,7 (IDs as in the page), or --objects all.`);
}

/** A result with its video, ready for the writers of films. @throws VamgError BadConfig for another video or objects that there are not */
export async function openFilmSource(source: ExportSource, folder: string, { video = '', objects = 'all' }: FilmFlags, run: Pick<FilmSource, 'signal' | 'onProgress'>): Promise<FilmSource> {
  const ids = parseObjects(objects, source.objects.map(({ id }) => id));
  if (ids.size === 0) throw new VamgError('BadConfig', 'This result has no objects, so there is nothing to make films and pictures of.');
  const chosen = source.objects.filter(({ id }) => ids.has(id));
  const videoPath = await checkSourceVideo(video, await readResultSummary(folder));
  const { info } = await loadMediaTools().mediaTools.probe(videoPath, run.signal, () => undefined);
  checkMaskSize(source, info);
  return { ...source, ...run, chosen, videoPath, info };
}
