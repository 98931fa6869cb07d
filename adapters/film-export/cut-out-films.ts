import path from 'node:path';
import { ColourBleed } from '../../core/render/colour-bleed';
import { cutOut } from '../../core/render/cut-out';
import type { ExportObject } from '../export/types';
import { ALPHA_EXTENSION, openAlphaFilm, type AlphaCodec } from '../ffmpeg/alpha-film';
import type { FilmWriter } from '../ffmpeg/film-writer';
import { writeChosenTable } from './chosen-table';
import { maskOf, picturedFrames, type PicturedFrame } from './film-frames';
import { BLEED_REACH } from './masks-film';
import { noteStart } from './note-start';
import { objectName } from './object-name';
import type { FilmFormat, FilmSource } from './types';

/** Encoders at work at one time, and the pixels that they may hold together: more objects are done in several passes over the video. */
const MOST_ENCODERS = 6;
const MOST_PIXELS = 36_000_000;

const common = {
  keeps: "the pixels of the object's whole mask, at the time of every processed frame from the first to the last of the result: the films of all objects lie over each other",
  loses: 'exact colours (encoded for looking at); sound',
  needsChoice: true,
};

export const cutOutsWebm: FilmFormat = {
  ...common,
  name: 'cut-outs-webm',
  title: 'each chosen object alone, transparent around it: WebM',
  files: '<id>.webm (VP9 with alpha), objects.csv',
  use: 'browsers, OBS, Blender, Kdenlive, Shotcut',
  write: (source, folder) => writeFilms(source, folder, 'vp9'),
};

export const cutOutsProres: FilmFormat = {
  ...common,
  name: 'cut-outs-prores',
  title: 'each chosen object alone, transparent around it: ProRes',
  files: '<id>.mov (ProRes 4444), objects.csv',
  use: 'DaVinci Resolve, Premiere Pro, After Effects, Final Cut Pro',
  write: (source, folder) => writeFilms(source, folder, 'prores'),
};

async function writeFilms(source: FilmSource, folder: string, codec: AlphaCodec): Promise<readonly string[]> {
  const { chosen, width, height } = source;
  const together = Math.max(1, Math.min(MOST_ENCODERS, Math.floor(MOST_PIXELS / (width * height))));
  const passes = Math.ceil(chosen.length / together);
  for (let pass = 0; pass < passes; pass++) {
    const onFrame = (done: number): void => source.onProgress(pass * source.frames + done, passes * source.frames);
    await onePass(source, folder, codec, chosen.slice(pass * together, (pass + 1) * together), onFrame);
  }
  await writeChosenTable(source, folder);
  return noteStart(source);
}

async function onePass(source: FilmSource, folder: string, codec: AlphaCodec, objects: readonly ExportObject[], onFrame: (done: number) => void): Promise<void> {
  const { width, height, info, signal } = source;
  const films: { readonly id: number; readonly film: FilmWriter }[] = [];
  const bleed = new ColourBleed(width, height, BLEED_REACH);
  const empty = new Uint8Array(width * height * 4);
  try {
    for (const { id } of objects) films.push({ id, film: await openAlphaFilm({ path: path.join(folder, `${objectName(source, id)}${ALPHA_EXTENSION[codec]}`), width, height, timeBase: info.timeBase, signal }, codec) });
    for await (const frame of picturedFrames(source)) {
      await Promise.all(films.map(({ id, film }) => film.write(cutOutOf(frame, id, source, bleed) ?? empty, frame.pts, frame.duration)));
      onFrame(frame.position + 1);
    }
    for (const { film } of films) await film.finish();
  } catch (error) {
    await Promise.all(films.map(({ film }) => film.abort()));
    throw error;
  }
}

function cutOutOf(frame: PicturedFrame, id: number, { width, height }: FilmSource, bleed: ColourBleed): Uint8Array | null {
  const mask = maskOf(frame, id);
  if (mask === undefined) return null;
  const rgba = cutOut({ width, height, data: frame.rgb }, mask.rle);
  bleed.apply(rgba, mask.bbox);
  return rgba;
}
