import type { MediaTools } from '../activities/media-tools';
import { probeVideo } from '../adapters/ffmpeg/probe';
import { scanVideo } from '../adapters/ffmpeg/scene-cuts';
import { joinOverlayParts } from '../adapters/ffmpeg/overlay-join';
import { writeViewer } from '../viewer/write-viewer';
import { renderChunk } from './render-chunk';
import { summariseResult } from './summarise-result';

/** Binds what media activities need to ffmpeg and the viewer. */
export const mediaTools: MediaTools = {
  async probe(videoPath, signal, onProgress, promised) {
    const { info, sceneCuts } = await scanVideo({ path: videoPath, info: promised ?? (await probeVideo(videoPath, undefined, signal)), signal, onProgress });
    return { info, sceneCuts };
  },

  renderChunk,

  async joinVideos({ videoPath, info, plan, parts, sound, outputPath, signal, onProgress }) {
    const overlayParts = parts.map((file, index) => ({ path: file, startFrame: plan.firstFrame + plan.chunks[index]!.ownedStart * plan.frameStep }));
    const endFrame = Math.min(info.pts.length, plan.firstFrame + plan.positions * plan.frameStep);
    await joinOverlayParts({ parts: overlayParts, endFrame, info, audioSource: sound ? videoPath : null, out: outputPath, signal, onProgress });
  },

  writeViewer,

  summarise: summariseResult,
};
