import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cutOut } from '../../core/render/cut-out';
import { frameName } from '../export/names';
import { encodeRgbaPng } from '../png/png';
import { maskOf, picturedFrames } from './film-frames';
import { writeChosenTable } from './chosen-table';
import { objectName } from './object-name';
import type { FilmFormat } from './types';

export const cutOutsPng: FilmFormat = {
  name: 'cut-outs-png',
  title: 'each chosen object alone, transparent around it: PNG sequences',
  files: '<id>/00012.png (by ID and frame number, as large as the video), objects.csv',
  keeps: "the pixels of the object's whole mask as they are in the video, on every processed frame from its first to its last; an empty picture where it is not seen between them",
  loses: 'sound',
  needsChoice: true,
  use: 'every editing and compositing program (import as an image sequence); training data',
  write: async (source, folder) => {
    const { width, height, chosen } = source;
    const folderOf = (id: number): string => path.join(folder, objectName(source, id));
    for (const { id } of chosen) await mkdir(folderOf(id), { recursive: true });
    const [from, to] = [Math.min(...chosen.map((one) => one.firstPosition)), Math.max(...chosen.map((one) => one.lastPosition)) + 1];
    const empty = await encodeRgbaPng({ width, height, data: new Uint8Array(width * height * 4) });
    for await (const frame of picturedFrames(source, from, to)) {
      for (const { id, firstPosition, lastPosition } of chosen) {
        if (frame.position < firstPosition || frame.position > lastPosition) continue;
        const file = path.join(folderOf(id), `${frameName(source, frame.frame)}.png`);
        const mask = maskOf(frame, id);
        await writeFile(file, mask === undefined ? empty : await encodeRgbaPng({ width, height, data: cutOut({ width, height, data: frame.rgb }, mask.rle) }));
      }
      source.onProgress(frame.position - from + 1, to - from);
    }
    await writeChosenTable(source, folder);
    return [];
  },
};
