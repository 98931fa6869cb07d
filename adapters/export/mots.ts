import path from 'node:path';
import { toCocoRle } from '../../core/mask/rle-string';
import { HiddenTally, readFlat } from './flat-frames';
import { writeLinesOfAll } from './json-file';
import { writeObjectsTable } from './objects-table';
import { describeParts, splitSequences } from './sequence-parts';
import type { ExportFormat } from './types';

/** `id = class · 1000 + instance`, and instance 0 is not used. */
export const MOTS_CAPACITY = 999;
/** The class that both benchmarks judge ("pedestrian"): their readers know 1, 2 and 10 only. */
export const MOTS_CLASS = 2;

/** The number of an object in MOTS files. @param value its number in its sequence, 1..999 */
export function motsId(value: number): number {
  return MOTS_CLASS * 1000 + value;
}

/** MOTS, text form: a line per object and frame; masks of a frame must not overlap. */
export const mots: ExportFormat = {
  name: 'mots',
  title: 'MOTS, text',
  files: '<video>.txt, objects.csv',
  keeps: 'the visible part of every mask (compressed RLE); the ID as instance: 2000 + ID up to 999',
  loses: 'what smaller masks cover; scores; frame numbers (frames count from 1 without gaps; frames.csv has them). With an ID above 999 the objects are divided among sequences of 999 and renumbered (objects.csv)',
  load: "frame, id, cls, height, width, rle = open(f'{root}/video.txt').readline().split(); mask = pycocotools.mask.decode({'size': [int(height), int(width)], 'counts': rle})",
  write: async (source, folder) => {
    const parts = splitSequences(source, MOTS_CAPACITY);
    const tally = new HiddenTally();
    await writeLinesOfAll(parts.map(({ sequence }) => path.join(folder, `${sequence}.txt`)), async (lines) => {
      for await (const { position, visible } of readFlat(source, tally))
        for (const [part, { values }] of parts.entries())
          for (const [id, rle] of visible)
            if (values.has(id)) await lines[part]!(`${position + 1} ${motsId(values.get(id)!)} ${MOTS_CLASS} ${rle.height} ${rle.width} ${toCocoRle(rle).counts}`);
    });
    await writeObjectsTable(source, folder, parts);
    return [...describeParts(parts, MOTS_CAPACITY), ...tally.describe(source)];
  },
};
