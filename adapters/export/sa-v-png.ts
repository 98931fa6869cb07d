import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { emptyRle, decodeRle } from '../../core/mask/rle';
import { encodeIndexedPng } from '../png/indexed-png';
import { frameName } from './names';
import type { ExportFormat } from './types';

const BLACK_AND_WHITE = Uint8Array.of(0, 0, 0, 255, 255, 255);

/** SA-V as its validation and test sets: a folder per object, a black and white picture per frame. */
export const saVPng: ExportFormat = {
  name: 'sa-v-png',
  title: 'SA-V, PNG',
  files: 'Annotations/<video>/003/00012.png (by ID and frame number)',
  keeps: 'every mask, overlaps too; the ID as the name of the folder. An empty picture where the object is not seen, as its evaluator wants every frame',
  loses: 'scores; frame times (frames.csv has them). A file per object and frame: many files for a long video',
  load: "mask = numpy.array(PIL.Image.open(f'{root}/Annotations/video/003/00012.png')) > 0",
  write: async (source, folder) => {
    const { width, height, objects, sequence } = source;
    const folderOf = (id: number): string => path.join(folder, 'Annotations', sequence, String(id).padStart(3, '0'));
    for (const { id } of objects) await mkdir(folderOf(id), { recursive: true });
    const empty = await encodeIndexedPng(decodeRle(emptyRle(width, height)), BLACK_AND_WHITE);
    for await (const { frame, masks } of source.read()) {
      const byId = new Map(masks.map(({ id, rle }) => [id, rle]));
      for (const { id } of objects) {
        const rle = byId.get(id);
        const png = rle === undefined ? empty : await encodeIndexedPng(decodeRle(rle), BLACK_AND_WHITE);
        await writeFile(path.join(folderOf(id), `${frameName(source, frame)}.png`), png);
      }
    }
    return [];
  },
};
