import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeJsonFile } from './json-file';
import { categoriesOf, frameName } from './names';
import type { ExportFormat, ExportSource } from './types';

/** COCO instances with the additions for video that CocoVID readers, CVAT and Datumaro look for. */
export const coco: ExportFormat = {
  name: 'coco',
  title: 'COCO (with CocoVID fields)',
  files: 'annotations/instances_default.json; images/ is where the frames belong (<video>/00012.jpg)',
  keeps: 'every mask (compressed RLE), box, area and score; the ID as track_id, instance_id and attributes.track_id; frame number and time of every image',
  loses: 'nothing of the masks; readers of still images do not look at the IDs',
  load: "coco = pycocotools.coco.COCO(f'{root}/annotations/instances_default.json'); mask = coco.annToMask(coco.anns[1])",
  write: async (source, folder) => {
    await mkdir(path.join(folder, 'annotations'));
    await mkdir(path.join(folder, 'images'));
    await writeJsonFile(path.join(folder, 'annotations', 'instances_default.json'), async (json) => {
      const { sequence, width, height, frames, frameRate } = source;
      await json.text(`{"info":${JSON.stringify({ description: source.videoName })},"licenses":[],`);
      await json.text(`"categories":${cocoCategories(source)},`);
      await json.text(`"videos":${JSON.stringify([{ id: 1, name: sequence, width, height, length: frames, fps: frameRate }])},`);
      await json.text('"images":[');
      for await (const { position, frame, time } of source.readTimes())
        await json.item(JSON.stringify({ id: position + 1, file_name: `${sequence}/${frameName(source, frame)}.jpg`, width, height, video_id: 1, frame_id: position, frame_index: frame, time }));
      await json.text('],"annotations":[');
      await writeAnnotations(source, json.item);
      await json.text(']}');
    });
    return [];
  },
};

async function writeAnnotations(source: ExportSource, item: (json: string) => Promise<void>): Promise<void> {
  const categories = categoriesOf(source);
  let id = 0;
  for await (const { position, masks } of source.read()) {
    for (const mask of masks) {
      id++;
      const attributes = { track_id: mask.id };
      await item(JSON.stringify({ id, image_id: position + 1, video_id: 1, category_id: categories.of(mask.id) + 1, track_id: mask.id, instance_id: mask.id, iscrowd: 0, area: mask.area, bbox: mask.bbox, score: mask.score, attributes, segmentation: mask.coco }));
    }
  }
}

/** COCO's list of classes as JSON; IDs from 1. */
export function cocoCategories(source: ExportSource): string {
  return JSON.stringify(categoriesOf(source).names.map((name, i) => ({ id: i + 1, name, supercategory: 'object' })));
}
