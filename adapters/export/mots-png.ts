import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { paintRle } from '../../core/mask/flatten';
import { encodeGray16Png } from '../png/indexed-png';
import { HiddenTally, readFlat } from './flat-frames';
import { MOTS_CAPACITY, motsId } from './mots';
import { writeObjectsTable } from './objects-table';
import { describeParts, splitSequences } from './sequence-parts';
import type { ExportFormat } from './types';

/** Line n names class n. */
const LABELS = 'unused\nobject\n';

/** MOTS, picture form, laid out for Datumaro and CVAT. */
export const motsPng: ExportFormat = {
  name: 'mots-png',
  title: 'MOTS, PNG',
  files: '<video>/instances/000001.png (16-bit grey, frames from 1), <video>/instances/labels.txt, objects.csv',
  keeps: 'the visible part of every mask; the ID as 2000 + ID up to 999',
  loses: 'as MOTS text. CVAT makes polygons of it',
  load: "dataset = datumaro.Dataset.import_from(root, 'mots')",
  write: async (source, folder) => {
    const { width, height } = source;
    const parts = splitSequences(source, MOTS_CAPACITY);
    const tally = new HiddenTally();
    const instances = (sequence: string): string => path.join(folder, sequence, 'instances');
    for (const { sequence } of parts) {
      await mkdir(instances(sequence), { recursive: true });
      await writeFile(path.join(instances(sequence), 'labels.txt'), LABELS);
    }
    for await (const { position, visible } of readFlat(source, tally)) {
      for (const { sequence, values } of parts) {
        const data = new Uint16Array(width * height);
        for (const [id, rle] of visible) if (values.has(id)) paintRle(data, rle, motsId(values.get(id)!));
        await writeFile(path.join(instances(sequence), `${String(position + 1).padStart(6, '0')}.png`), await encodeGray16Png({ width, height, data }));
      }
    }
    await writeObjectsTable(source, folder, parts);
    return [...describeParts(parts, MOTS_CAPACITY), ...tally.describe(source)];
  },
};
