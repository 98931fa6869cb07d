import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Plan } from '../../contracts/artefacts';
import { loadMediaTools } from '../lazy';
import type { Drawing } from '../result/read-drawing';
import { checkMaskSize } from '../result/source-video';

export interface DrawFilm extends Drawing {
  /** Size of the masks, where it is known. */
  readonly size?: { readonly width: number; readonly height: number };
  /** JSON lines of all processed frames, not compressed. */
  readonly masksPath: string;
  /** The very video of the result. */
  readonly videoPath: string;
  /** Processed frames. */
  readonly positions: number;
  /** Objects to draw; all when left out. */
  readonly onlyObjects?: ReadonlySet<number>;
  /** Where the film is to be; complete or absent. */
  readonly outputPath: string;
  /** Add the sound of the video. */
  readonly sound: boolean;
  readonly signal: AbortSignal;
  /** Frames drawn so far. */
  readonly onProgress?: (done: number) => void;
}

/** Draw the film of a result, as a job does it for one chunk. Memory does not grow with its length. @throws VamgError SetupMissing without ffmpeg */
export async function drawFilm({ size, range, look, sceneCuts, masksPath, videoPath, positions, onlyObjects, outputPath, sound, signal, onProgress = () => undefined }: DrawFilm): Promise<void> {
  const { mediaTools } = loadMediaTools();
  const { info } = await mediaTools.probe(videoPath, signal, () => undefined);
  if (size !== undefined) checkMaskSize(size, info);
  const chunk = { index: 0, startFrame: 0, endFrame: positions, ownedStart: 0, ownedEnd: positions, continuesPrevious: false };
  const plan: Plan = { schemaVersion: 1, positions, ...range, overlapFrames: 0, sceneCuts: [...sceneCuts], chunks: [chunk] };
  const folder = await mkdtemp(path.join(path.dirname(outputPath), '.overlay-'));
  const part = path.join(folder, 'part.mp4');
  try {
    await mediaTools.renderChunk({ videoPath, info, plan, startPosition: 0, endPosition: positions, masksPath, leadPosition: 0, look, ...(onlyObjects && { onlyObjects }), overlayPath: part, previewPath: null, signal, onProgress });
    await mediaTools.joinVideos({ videoPath, info, plan, parts: [part], sound, outputPath, signal, onProgress: () => undefined });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
