import path from 'node:path';
import { writeJsonFile } from './json-file';
import { categoriesOf, frameName } from './names';
import type { ExportFormat } from './types';

/** BURST: one JSON file, a dictionary of masks per frame. */
export const burst: ExportFormat = {
  name: 'burst',
  title: 'BURST',
  files: 'annotations.json',
  keeps: 'every mask (compressed RLE) and score; the ID as key',
  loses: 'frame times (frames.csv has them); its classes are those of LVIS, ours are "object" and the user\'s labels',
  load: "sequence = json.load(open(f'{root}/annotations.json'))['sequences'][0]; mask = pycocotools.mask.decode({'size': [sequence['height'], sequence['width']], 'counts': sequence['segmentations'][0]['1']['rle']})",
  write: async (source, folder) => {
    const { sequence, width, height, frameRate, objects } = source;
    const categories = categoriesOf(source);
    await writeJsonFile(path.join(folder, 'annotations.json'), async (json) => {
      const about = { id: 1, dataset: 'video-amg', seq_name: sequence, width, height, fps: Math.max(1, Math.round(frameRate)), neg_category_ids: [], not_exhaustive_category_ids: [] };
      await json.text(`{"split":"val","sequences":[${JSON.stringify(about).slice(0, -1)},`);
      await json.text(`"track_category_ids":${JSON.stringify(Object.fromEntries(objects.map(({ id }) => [id, categories.of(id) + 1])))},`);
      for (const key of ['all_image_paths', 'annotated_image_paths']) {
        await json.text(`"${key}":[`);
        for await (const { frame } of source.readTimes()) await json.item(JSON.stringify(`${frameName(source, frame)}.jpg`));
        await json.text('],');
      }
      await json.text('"segmentations":[');
      for await (const { masks } of source.read())
        await json.item(JSON.stringify(Object.fromEntries(masks.map(({ id, coco, score }) => [id, { rle: coco.counts, is_gt: false, score }]))));
      await json.text(']}],');
      await json.text(`"categories":${JSON.stringify(categories.names.map((name, i) => ({ id: i + 1, name, synset: '', def: '', synonyms: [] })))}}`);
    });
    return [];
  },
};
