import { rm } from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from '../../adapters/store/hash-file';
import type { Plan } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import { resolveVideo } from '../job/resolve-video';
import { loadMediaTools } from '../lazy';
import type { OriginalSummary } from './original-result';

/** The video that the user named, if a result was made from it. @returns its path. @throws VamgError BadConfig when it is another one, PoisonVideo */
export async function checkSourceVideo(input: string, { video }: OriginalSummary): Promise<string> {
  const { file, name } = await resolveVideo(input);
  if ((await hashFile(file)).sha256 !== video.id) throw new VamgError('BadConfig', `--video ${name} is not the video that this result was made from (${video.name}); give that one, unchanged.`);
  return file;
}

/** Draw overlay.mp4 in a folder from its masks.jsonl, with the sound of the video. @throws VamgError SetupMissing without ffmpeg */
export async function drawOverlay(folder: string, videoPath: string, { range }: OriginalSummary, positions: number, signal: AbortSignal): Promise<void> {
  const { mediaTools } = loadMediaTools();
  const onProgress = (): void => undefined;
  const { info } = await mediaTools.probe(videoPath, signal, onProgress);
  const chunk = { index: 0, startFrame: 0, endFrame: positions, ownedStart: 0, ownedEnd: positions, continuesPrevious: false };
  const plan: Plan = { schemaVersion: 1, positions, ...range, overlapFrames: 0, sceneCuts: [], chunks: [chunk] };
  const part = path.join(folder, '.overlay-part.mp4');
  try {
    await mediaTools.renderChunk({ videoPath, info, plan, startPosition: 0, endPosition: positions, masksPath: path.join(folder, 'masks.jsonl'), overlayPath: part, previewPath: null, signal, onProgress });
    await mediaTools.joinVideos({ videoPath, info, plan, parts: [part], sound: true, outputPath: path.join(folder, 'overlay.mp4'), signal, onProgress });
  } finally {
    await rm(part, { force: true });
  }
}
