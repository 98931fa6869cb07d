import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { paintRle } from '../../core/mask/flatten';
import { encodeIndexedPng } from '../png/indexed-png';
import { HiddenTally, readFlat } from './flat-frames';
import { frameName } from './names';
import { writeObjectsTable } from './objects-table';
import { describeParts, splitSequences } from './sequence-parts';
import type { ExportFormat } from './types';

/** 0 is background, 255 "do not judge". */
const CAPACITY = 254;

/** DAVIS and everything that reads it: 8-bit palette PNG, a pixel is its object's number. */
export const davis: ExportFormat = {
  name: 'davis',
  title: 'DAVIS',
  files: 'Annotations/<video>/00012.png (by frame number), objects.csv',
  keeps: 'the visible part of every mask; the ID as palette index up to 254',
  loses: 'what smaller masks cover; scores. With an ID above 254 the objects are divided among sequences of 254 and renumbered (objects.csv)',
  load: "labels = numpy.array(PIL.Image.open(f'{root}/Annotations/video/00012.png'))",
  write: async (source, folder) => {
    const { width, height } = source;
    const parts = splitSequences(source, CAPACITY);
    const tally = new HiddenTally();
    for (const { sequence } of parts) await mkdir(path.join(folder, 'Annotations', sequence), { recursive: true });
    for await (const { frame, visible } of readFlat(source, tally)) {
      for (const { sequence, values } of parts) {
        const data = new Uint8Array(width * height);
        for (const [id, rle] of visible) if (values.has(id)) paintRle(data, rle, values.get(id)!);
        await writeFile(path.join(folder, 'Annotations', sequence, `${frameName(source, frame)}.png`), await encodeIndexedPng({ width, height, data }));
      }
    }
    await writeObjectsTable(source, folder, parts);
    return [...describeParts(parts, CAPACITY), ...tally.describe(source)];
  },
};
