import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { RenderChunkRequest } from '../activities/media-tools';
import type { FilmWriter } from '../adapters/ffmpeg/film-writer';
import { readFrames } from '../adapters/ffmpeg/frame-reader';
import { openOverlayPart } from '../adapters/ffmpeg/overlay-writer';
import { VamgError } from '../contracts/errors';
import { maskLineSchema } from '../contracts/pipeline-artefacts';
import { frameDurationTicks } from '../contracts/video-info';
import { fromCocoRle } from '../core/mask/rle-string';
import type { PaintedObject } from '../core/render/label-plane';
import { OverlayPainter } from '../core/render/overlay-painter';

const OVERLAY_CRF = 20;
const PREVIEW_CRF = 25;
/** The page steps back frame by frame: each time the player decodes from the key frame before. */
const PREVIEW_KEYFRAME_EVERY = 24;

/** Draw the masks of one chunk over its frames, and write the same frames plain for the viewer. A few frames in memory. */
export async function renderChunk(request: RenderChunkRequest): Promise<void> {
  const { info, plan, startPosition, endPosition, signal } = request;
  const { width, height, timeBase } = info;
  const open = async (path: string | null, quality: { crf: number; keyframeEvery?: number }): Promise<FilmWriter | null> => (path === null ? null : await openOverlayPart({ path, width, height, timeBase, signal, ...quality }));
  let overlay: FilmWriter | null = null;
  let preview: FilmWriter | null = null;
  try {
    overlay = await open(request.overlayPath, { crf: OVERLAY_CRF });
    preview = await open(request.previewPath, { crf: PREVIEW_CRF, keyframeEvery: PREVIEW_KEYFRAME_EVERY });
    const painter = new OverlayPainter({ width, height, look: request.look, sceneCuts: plan.sceneCuts });
    const masks = readMasks(request);
    for (let position = request.leadPosition; position < startPosition; position++) painter.pass(position, (await masks.next()).value!);
    const startFrame = plan.firstFrame + startPosition * plan.frameStep;
    const endFrame = plan.firstFrame + (endPosition - 1) * plan.frameStep + 1;
    let done = 0;
    for await (const frame of readFrames({ path: request.videoPath, info, startFrame, endFrame, frameStep: plan.frameStep, signal })) {
      const objects = (await masks.next()).value!;
      const duration = frameDurationTicks(info, frame.frameIndex, plan.frameStep);
      await preview?.write(frame.rgb, frame.pts, duration);
      if (overlay !== null) {
        // On a copy: the pipe to ffmpeg may still be reading the plain frame.
        const painted = preview === null ? frame.rgb : frame.rgb.slice();
        painter.paint({ width, height, data: painted }, startPosition + done, objects);
        await overlay.write(painted, frame.pts, duration);
      }
      request.onProgress(++done);
    }
    await preview?.finish();
    await overlay?.finish();
  } catch (error) {
    await Promise.all([preview?.abort(), overlay?.abort()]);
    throw error;
  }
}

/** The masks to draw, of one position after the other from the lead on. @throws VamgError Internal when the lines are not those of the frames */
async function* readMasks({ masksPath, plan, leadPosition, endPosition, onlyObjects }: RenderChunkRequest): AsyncGenerator<PaintedObject[], undefined, undefined> {
  const lines = createInterface({ input: createReadStream(masksPath), crlfDelay: Infinity })[Symbol.asyncIterator]();
  for (let position = leadPosition; position < endPosition; position++) {
    const frame = plan.firstFrame + position * plan.frameStep;
    const { value: text } = (await lines.next()) as IteratorResult<string, undefined>;
    const line = text === undefined ? null : maskLineSchema.parse(JSON.parse(text));
    if (line?.frame !== frame) throw new VamgError('Internal', `The masks do not fit the frames: frame ${frame} has the line of frame ${line?.frame ?? 'none'}.`);
    yield line.objects.filter(({ id }) => onlyObjects?.has(id) ?? true).map(({ id, segmentation }) => ({ id, rle: fromCocoRle(segmentation) }));
  }
  return undefined;
}
