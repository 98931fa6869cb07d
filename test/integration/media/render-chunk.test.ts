import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { outputOptionsSchema } from '../../../contracts/segment-options';
import { encodeRle } from '../../../core/mask/rle';
import { toCocoRle } from '../../../core/mask/rle-string';
import { renderChunk } from '../../../workers/render-chunk';
import { writeDemoFilm } from '../../../cli/demo/demo-film';
import { syntheticFolder } from '../../support/synthetic-video';

describe('renderChunk', () => {
  it('draws masks into the overlay and leaves the film of the viewer plain', async () => {
    const folder = syntheticFolder();
    const videoPath = join(folder, 'render-demo.mp4');
    await writeDemoFilm(videoPath, 10);
    const info = await probeVideo(videoPath);
    const { width, height } = info;
    const counts = toCocoRle(encodeRle({ width, height, data: new Uint8Array(width * height).fill(1) }));
    const lines = info.pts.map((_, frame) => ({ frame, time: frame / 24, objects: [{ id: 1, score: 1, bbox: [0, 0, width, height], area: width * height, segmentation: counts }] }));
    const masksPath = join(folder, 'render-masks.jsonl');
    writeFileSync(masksPath, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const [overlayPath, previewPath] = [join(folder, 'render-overlay.mp4'), join(folder, 'render-preview.mp4')];
    const plan = { schemaVersion: 1 as const, positions: 10, firstFrame: 0, frameStep: 1, overlapFrames: 0, sceneCuts: [], chunks: [{ index: 0, startFrame: 0, endFrame: 10, ownedStart: 0, ownedEnd: 10, continuesPrevious: false }] };

    await renderChunk({ videoPath, info, plan, startPosition: 0, endPosition: 10, masksPath, leadPosition: 0, look: outputOptionsSchema.parse({}), overlayPath, previewPath, signal: new AbortController().signal, onProgress: () => undefined });

    expect(await largestDifference(videoPath, previewPath)).toBeLessThan(8);
    expect(await largestDifference(videoPath, overlayPath)).toBeGreaterThan(20);
  });
});

/** Largest mean difference per colour value between the frames of two films. */
async function largestDifference(a: string, b: string): Promise<number> {
  const [infoA, infoB] = [await probeVideo(a), await probeVideo(b)];
  expect(infoB.pts).toHaveLength(infoA.pts.length);
  const other = readFrames({ path: b, info: infoB, startFrame: 0, endFrame: infoB.pts.length });
  let largest = 0;
  for await (const { rgb } of readFrames({ path: a, info: infoA, startFrame: 0, endFrame: infoA.pts.length })) {
    const { rgb: second } = (await other.next()).value!;
    let sum = 0;
    for (let i = 0; i < rgb.length; i++) sum += Math.abs(rgb[i]! - second[i]!);
    largest = Math.max(largest, sum / rgb.length);
  }
  return largest;
}
