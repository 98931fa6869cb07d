import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveSegmentOptions } from '../../../contracts/segment-options';
import type { VideoInfo } from '../../../contracts/video-info';
import { readSeams } from '../../../cli/result/read-seams';
import { planVideo } from '../../../core/pipeline/plan-video';
import { toCocoRle } from '../../../core/mask/rle-string';
import { summariseResult } from '../../../workers/summarise-result';
import { rectangle } from '../core/support/masks';

const FRAMES = 60;
const INFO: VideoInfo = {
  schemaVersion: 1, container: 'mov', codec: 'h264', pixelFormat: 'yuv420p', sizeBytes: 4, streamIndex: 0, codedWidth: 32, codedHeight: 24,
  rotation: 0, sampleAspectRatio: { num: 1, den: 1 }, width: 32, height: 24, timeBase: { num: 1, den: 10 }, pts: Array.from({ length: FRAMES }, (_, i) => i),
  lastFrameDuration: 1, isVariableFrameRate: false, nominalFrameRate: { num: 10, den: 1 }, startPts: 0, durationSeconds: FRAMES / 10, audioStreams: 0,
  audioCodecs: [], seekPoints: [], isTimelineOrdered: true, isVerified: true, decodeErrors: 0,
};

describe('result.json', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vamg-summary-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('lists the seams where `vamg evaluate` looks for them, and sums up objects and flicker', async () => {
    const options = resolveSegmentOptions({ planning: { chunkFrames: 20, overlapFrames: 6, frameStep: 2, chainChunks: 1 } });
    const plan = planVideo(INFO, [], options);
    const masksPath = path.join(folder, 'masks.jsonl');
    const line = (frame: number, x: number) =>
      JSON.stringify({ frame, time: frame / 10, objects: [{ id: 4, score: 0.5, bbox: [x, 2, 8, 8], area: 64, segmentation: toCocoRle(rectangle(32, 24, x, 2, 8, 8)) }] });
    writeFileSync(masksPath, `${[line(0, 2), line(2, 5), line(4, 9)].join('\n')}\n`);
    const jobRef = { key: 'v1/data/x', sha256: 'c'.repeat(64), bytes: 1 };
    const evidence = { gapFrames: 5, acrossCut: false, appearance: 0.9, areaRatio: 1, distance: 2, reach: 9, score: 0.8 };
    const pair = { before: { chunkIndex: 0, localId: 1 }, after: { chunkIndex: 1, localId: 3 }, beforeGlobalId: 4, afterGlobalId: 5, lastFrame: 9, firstFrame: 15, evidence, reason: 'alike' };
    const summary = await summariseResult({
      jobRef,
      job: { schemaVersion: 1, videoId: 'a'.repeat(64), videoName: 'film.mp4', options, model: { name: 'fake', sha256: 'b'.repeat(64) }, firstFrameMask: null, prompts: null, codeVersion: '1' },
      info: INFO,
      plan,
      identities: { objects: [], chunks: [], joins: [], lineage: [], dropped: [], reidentifications: [{ ...pair, decision: 'suggested' }, { ...pair, decision: 'ambiguous' }] },
      labels: new Map([[4, 'dog'], [5, 'not seen']]),
      masksPath,
      inferenceMs: 1500,
    });
    writeFileSync(path.join(folder, 'result.json'), JSON.stringify(summary));
    expect(plan.chunks).toHaveLength(2);
    expect(await readSeams(folder)).toEqual([{ frame: 40, sharedFrom: 28 }]);
    expect(summary).toMatchObject({
      counts: { chunks: 2, objects: 1, masks: 3 },
      job: jobRef,
      stitch: { borders: 1, reidentified: 0, suggested: 1, ambiguous: 0 },
      objects: [{ id: 4, label: 'dog', firstFrame: 0, lastFrame: 4, frames: 3, meanArea: 64, meanScore: 0.5 }],
      flicker: { shapeChange: 0, areaJitter: 0 },
      timings: { inferenceSeconds: 1.5 },
    });
  });

  it('of an older version says nothing about seams', async () => {
    writeFileSync(path.join(folder, 'result.json'), JSON.stringify({ schemaVersion: 1, stitch: { borders: 2 } }));
    expect(await readSeams(folder)).toBeNull();
    expect(await readSeams(path.join(folder, 'no-such-folder'))).toBeNull();
  });
});
