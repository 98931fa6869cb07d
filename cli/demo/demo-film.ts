import { openOverlayPart } from '../../adapters/ffmpeg/overlay-writer';
import { DEMO_FILM, DemoScene } from '../../core/demo/draw-frame';
import type { TruthSource } from '../evaluate/compared-frames';

/** Near enough to lossless that the film looks as it was drawn. */
const CRF = 12;

/** Draw the film of the demo, or its first `frames` frames, and encode it as mp4. @throws VamgError SetupMissing without ffmpeg */
export async function writeDemoFilm(file: string, frames: number = DEMO_FILM.frames): Promise<void> {
  const scene = new DemoScene();
  const writer = await openOverlayPart({ path: file, width: DEMO_FILM.width, height: DEMO_FILM.height, timeBase: { num: 1, den: DEMO_FILM.framesPerSecond }, crf: CRF, threads: 1 });
  try {
    for (let frame = 0; frame < frames; frame++) await writer.write(scene.draw(frame).image.data, frame, 1);
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** What is really in each frame. */
export function demoTruth(): TruthSource {
  const scene = new DemoScene();
  return (frame) => {
    if (frame >= DEMO_FILM.frames) return Promise.resolve(null);
    const labels = { width: DEMO_FILM.width, height: DEMO_FILM.height, data: scene.draw(frame).truth };
    return Promise.resolve({ labels, voidLabel: null });
  };
}
