import path from 'node:path';
import { ColourBleed } from '../../core/render/colour-bleed';
import { MattePainter } from '../../core/render/matte';
import { ALPHA_EXTENSION, openAlphaFilm, type AlphaCodec } from '../ffmpeg/alpha-film';
import { filmFrames } from './film-frames';
import { noteStart } from './note-start';
import type { FilmFormat } from './types';

/** Pixels around objects that take their colour: more than any codec mixes at an edge. */
export const BLEED_REACH = 4;

const common = {
  keeps: 'the visible part of every mask in the colour of its ID, and the time of every frame; with `--objects` of these alone',
  loses: 'what smaller masks cover; IDs themselves; sound',
  needsChoice: false,
};

export const masksWebm: FilmFormat = {
  ...common,
  name: 'masks-webm',
  title: 'one transparent film, every object in its colour: WebM',
  files: '<video>-masks.webm (VP9 with alpha)',
  use: 'browsers, OBS, Blender, Kdenlive, Shotcut',
  write: (source, folder) => writeMasksFilm(source, folder, 'vp9'),
};

export const masksProres: FilmFormat = {
  ...common,
  name: 'masks-prores',
  title: 'one transparent film, every object in its colour: ProRes',
  files: '<video>-masks.mov (ProRes 4444)',
  use: 'DaVinci Resolve, Premiere Pro, After Effects, Final Cut Pro',
  write: (source, folder) => writeMasksFilm(source, folder, 'prores'),
};

async function writeMasksFilm(source: Parameters<FilmFormat['write']>[0], folder: string, codec: AlphaCodec): Promise<readonly string[]> {
  const { width, height, info, signal, sequence } = source;
  const painter = new MattePainter(width, height);
  const bleed = new ColourBleed(width, height, BLEED_REACH);
  const film = await openAlphaFilm({ path: path.join(folder, `${sequence}-masks${ALPHA_EXTENSION[codec]}`), width, height, timeBase: info.timeBase, signal }, codec);
  try {
    for await (const { position, masks, pts, duration } of filmFrames(source)) {
      const rgba = painter.paint(masks);
      bleed.apply(rgba, [0, 0, width, height]);
      await film.write(rgba, pts, duration);
      source.onProgress(position + 1, source.frames);
    }
    await film.finish();
  } catch (error) {
    await film.abort();
    throw error;
  }
  return noteStart(source);
}
