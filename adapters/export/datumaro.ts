import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeJsonFile } from './json-file';
import { categoriesOf, frameName } from './names';
import type { ExportFormat, ExportFrame, ExportSource } from './types';

/** Datumaro's number of the media type "image": a video frame would need the video beside it. */
const IMAGE = 2;

/** Datumaro's own format. */
export const datumaro: ExportFormat = {
  name: 'datumaro',
  title: 'Datumaro',
  files: 'annotations/<video>.json',
  keeps: 'every mask (compressed RLE) and score; the ID as attribute track_id, as group and as object_id; frame number and time of every item',
  loses: 'nothing',
  load: "dataset = datumaro.Dataset.import_from(root, 'datumaro')",
  write: async (source, folder) => {
    await mkdir(path.join(folder, 'annotations'));
    await writeJsonFile(path.join(folder, 'annotations', `${source.sequence}.json`), async (json) => {
      const classes = categoriesOf(source);
      const labels = classes.names.map((name) => ({ name, parent: '', attributes: [] }));
      const categories = { label: { labels, label_groups: [], attributes: ['track_id', 'score'] }, mask: { colormap: [] } };
      await json.text(`{"dm_format_version":"1.0","media_type":${IMAGE},"infos":{},`);
      await json.text(`"categories":${JSON.stringify(categories)},"items":[`);
      for await (const frame of source.read()) await json.item(JSON.stringify(itemOf(source, frame, classes.of)));
      await json.text(']}');
    });
    return [];
  },
};

function itemOf(source: ExportSource, { frame, time, masks }: ExportFrame, classOf: (id: number) => number): unknown {
  const name = frameName(source, frame);
  const annotations = masks.map(({ id, score, coco }, i) => ({
    id: i + 1,
    type: 'mask',
    attributes: { track_id: id, score },
    group: id,
    object_id: id,
    label_id: classOf(id),
    rle: coco,
    z_order: 0,
  }));
  return { id: name, attr: { frame, time }, image: { path: `${name}.jpg`, size: [source.height, source.width] }, annotations };
}
