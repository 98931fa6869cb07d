import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { paintRle } from '../../core/mask/flatten';
import { encodeGray32Tiff } from '../png/gray32-tiff';
import { encodeGray16Png } from '../png/indexed-png';
import { HiddenTally, readFlat } from './flat-frames';
import { frameName } from './names';
import type { ExportFormat } from './types';

const HIGHEST_16_BIT = 65_535;

/** One picture per frame whose pixels are the IDs. */
export const labelMap: ExportFormat = {
  name: 'label-map',
  title: 'Label maps of 16 or 32 bits',
  files: '00012.png (by frame number), 16-bit grey; 00012.tif, 32-bit, when an ID is above 65535',
  keeps: 'the visible part of every mask; every ID as it is',
  loses: 'what smaller masks cover; scores',
  load: "labels = numpy.array(PIL.Image.open(f'{root}/00012.png'))",
  write: async (source, folder) => {
    const { width, height } = source;
    const highest = source.objects.at(-1)?.id ?? 0;
    const tally = new HiddenTally();
    for await (const { frame, visible } of readFlat(source, tally)) {
      const file = path.join(folder, frameName(source, frame));
      const data = highest > HIGHEST_16_BIT ? new Uint32Array(width * height) : new Uint16Array(width * height);
      for (const [id, rle] of visible) paintRle(data, rle, id);
      if (data instanceof Uint32Array) await writeFile(`${file}.tif`, await encodeGray32Tiff({ width, height, data }));
      else await writeFile(`${file}.png`, await encodeGray16Png({ width, height, data }));
    }
    const wide = highest > HIGHEST_16_BIT ? [`ID ${highest} needs more than 16 bits: the label maps are 32-bit TIFF files.`] : [];
    return [...wide, ...tally.describe(source)];
  },
};
