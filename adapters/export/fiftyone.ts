import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { cropRle } from '../../core/mask/crop-rle';
import type { Bitmask } from '../../core/mask/types';
import { writeJsonFile } from './json-file';
import { categoriesOf } from './names';
import type { ExportFormat, ExportMask, ExportSource } from './types';

/** FiftyOne's labelled video dataset (ETA VideoLabels): detections with an index and a mask within the box. */
export const fiftyone: ExportFormat = {
  name: 'fiftyone',
  title: 'FiftyOne',
  files: 'manifest.json, labels/<video>.json; put the video at data/<name of the video>',
  keeps: 'every mask (pixels within its box) and score; the ID as index; frame numbers (from 1 there)',
  loses: 'times, which FiftyOne takes from the video',
  load: "dataset = fiftyone.Dataset.from_dir(dataset_dir=root, dataset_type=fiftyone.types.FiftyOneVideoLabelsDataset)",
  write: async (source, folder) => {
    await mkdir(path.join(folder, 'labels'));
    await mkdir(path.join(folder, 'data'));
    const labels = `labels/${source.sequence}.json`;
    const data = `data/${source.sequence}${/\.[A-Za-z0-9]{1,8}$/.exec(source.videoName)?.[0] ?? ''}`;
    await writeFile(path.join(folder, 'manifest.json'), `${JSON.stringify({ type: 'eta.core.datasets.LabeledVideoDataset', description: 'video-amg', index: [{ data, labels }] }, null, 2)}\n`);
    await writeJsonFile(path.join(folder, labels), async (json) => {
      const categories = categoriesOf(source);
      await json.text('{"frames":{');
      for await (const { frame, masks } of source.read()) {
        const objects = masks.map((mask) => detection(mask, categories.names[categories.of(mask.id)]!, source));
        await json.item(`"${frame + 1}":${JSON.stringify({ frame_number: frame + 1, objects: { objects } })}`);
      }
      await json.text('}}');
    });
    return [`The video is not copied: put it, or a link to it, at ${data} in the folder.`];
  },
};

function detection({ id, score, rle }: ExportMask, label: string, { width, height }: ExportSource): unknown {
  const { x, y, mask } = cropRle(rle);
  return {
    type: 'eta.core.objects.DetectedObject',
    label,
    index: id,
    confidence: score,
    name: 'objects',
    bounding_box: { top_left: { x: x / width, y: y / height }, bottom_right: { x: (x + mask.width) / width, y: (y + mask.height) / height } },
    mask: packedArray(mask),
  };
}

/** A NumPy array of booleans as ETA keeps it in JSON: the .npy file (format 1.0), zlib-packed, in base 64. */
function packedArray({ width, height, data }: Bitmask): string {
  const about = `{'descr': '|b1', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  // Magic, version and length are 10 bytes; with them the header fills blocks of 64 bytes and ends in a line break.
  const header = about.padEnd(Math.ceil((10 + about.length + 1) / 64) * 64 - 11, ' ') + '\n';
  const start = Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return deflateSync(Buffer.concat([start, Buffer.from(header, 'latin1'), data])).toString('base64');
}
