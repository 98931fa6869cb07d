import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { MediaTools } from '../activities/media-tools';
import { probeVideo } from '../adapters/ffmpeg/probe';
import { scanVideo } from '../adapters/ffmpeg/scene-cuts';
import { joinOverlayParts } from '../adapters/ffmpeg/overlay-join';
import { buildViewer } from '../viewer/build-viewer';
import { renderChunk } from './render-chunk';
import { summariseResult } from './summarise-result';

/** Lines of a text file. */
export function fileLines(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}

/** Binds what media activities need to ffmpeg and the viewer. */
export const mediaTools: MediaTools = {
  async probe(videoPath, signal, onProgress) {
    const promised = await probeVideo(videoPath, undefined, signal);
    const { info, sceneCuts } = await scanVideo({ path: videoPath, info: promised, signal, onProgress });
    return { info, sceneCuts };
  },

  renderChunk,

  async joinVideos({ videoPath, info, plan, parts, sound, outputPath, signal, onProgress }) {
    const overlayParts = parts.map((file, index) => ({ path: file, startFrame: plan.firstFrame + plan.chunks[index]!.ownedStart * plan.frameStep }));
    const endFrame = Math.min(info.pts.length, plan.firstFrame + plan.positions * plan.frameStep);
    await joinOverlayParts({ parts: overlayParts, endFrame, info, audioSource: sound ? videoPath : null, out: outputPath, signal, onProgress });
  },

  async writeViewer({ job, info, plan, masksPath, folder }) {
    const names: string[] = [];
    await buildViewer({
      resultSummary: {
        title: job.videoName,
        width: info.width,
        height: info.height,
        seams: plan.chunks.slice(1).map((chunk) => chunk.ownedStart),
        sceneCuts: plan.sceneCuts,
        note: `${job.model.name}, ${job.options.preset}`,
      },
      masksLines: fileLines(masksPath),
      writeFile: async (name, content) => {
        const file = path.join(folder, name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, content);
        names.push(name);
      },
    });
    return names;
  },

  summarise: summariseResult,
};
