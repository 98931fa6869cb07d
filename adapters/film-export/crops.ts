import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cutOut, viewQuality } from '../../core/render/cut-out';
import { writeLines } from '../export/json-file';
import { csvText } from '../export/objects-table';
import { encodeRgbaPng } from '../png/png';
import { filmFrames, maskOf, picturedFrames } from './film-frames';
import { objectName } from './object-name';
import type { FilmFormat, FilmSource } from './types';

export const cropsPng: FilmFormat = {
  name: 'crops-png',
  title: 'one picture per object, where it is seen best, cut to its box: PNG',
  files: '<id>.png, crops.csv',
  keeps: "the pixels of the object's mask on the frame with the most of them, weighted by score; frames on which it touches the picture's edge count half",
  loses: 'all other frames. Sharpness and what stands in front are not looked at',
  needsChoice: false,
  use: 'contact sheets, catalogues, search by picture',
  write: async (source, folder) => {
    const best = await bestViews(source);
    const lines: string[] = [];
    const positions = [...best.keys()].sort((a, b) => a - b);
    if (positions.length > 0) {
      const [from, to] = [positions[0]!, positions.at(-1)! + 1];
      for await (const frame of picturedFrames(source, from, to)) {
        for (const id of best.get(frame.position) ?? []) {
          const { bbox, rle, area, score } = maskOf(frame, id)!;
          const [left, top, width, height] = bbox;
          const data = cutOut({ width: source.width, height: source.height, data: frame.rgb }, rle, bbox);
          await writeFile(path.join(folder, `${objectName(source, id)}.png`), await encodeRgbaPng({ width, height, data }));
          const label = source.chosen.find((one) => one.id === id)?.label ?? '';
          lines.push([id, csvText(label), `${objectName(source, id)}.png`, frame.frame, frame.time, left, top, width, height, area, score].join(','));
        }
        source.onProgress(frame.position - from + 1, to - from);
      }
    }
    await writeLines(path.join(folder, 'crops.csv'), async (line) => {
      await line('id,label,file,frame,time,left,top,width,height,area,score');
      for (const text of lines.sort((a, b) => parseInt(a, 10) - parseInt(b, 10))) await line(text);
    });
    return [];
  },
};

/** By position: the objects that are seen best there. */
async function bestViews(source: FilmSource): Promise<ReadonlyMap<number, readonly number[]>> {
  const best = new Map<number, { position: number; quality: number }>();
  for await (const { position, masks } of filmFrames(source)) {
    for (const mask of masks) {
      const quality = viewQuality(mask, source);
      if (quality > (best.get(mask.id)?.quality ?? -1)) best.set(mask.id, { position, quality });
    }
  }
  const byPosition = new Map<number, number[]>();
  for (const [id, { position }] of best) byPosition.set(position, [...(byPosition.get(position) ?? []), id]);
  return byPosition;
}
