import path from 'node:path';
import { cropRle, rowMajorRuns } from '../../core/mask/crop-rle';
import { CVAT_TAIL, cvatHead, fromLowest, shapeAttributes, trackHeads, writeLabels } from './cvat-xml';
import { writeLines } from './json-file';
import type { ExportFormat, ExportFrame, ExportMask } from './types';

/**
 * CVAT for video with masks. CVAT's importer takes only the first shape of a track of masks, so each mask is a track of its own
 * that ends on the next frame; the ID holds them together as group and as attribute.
 */
export const cvat: ExportFormat = {
  name: 'cvat',
  title: 'CVAT for video 1.1, masks',
  files: 'annotations.xml, labels.json (the labels of the task, for its "Raw" editor)',
  keeps: 'every mask (row-major runs within its box) and score; the ID as group_id and as attribute object_id; frame numbers of the video',
  loses: 'tracks: in CVAT each mask is a shape of its own, in the group of its object',
  load: "import xml.etree.ElementTree as E; tracks = E.parse(f'{root}/annotations.xml').findall('track')",
  write: async (source, folder) => {
    await writeLabels(source, folder);
    await writeLines(path.join(folder, 'annotations.xml'), async (line) => {
      const trackHead = trackHeads(source);
      await line(cvatHead(source));
      let tracks = 0;
      let waiting: ExportFrame | null = null;
      // A frame's tracks end on the frame after it.
      const write = async (frame: ExportFrame, next: number | null): Promise<void> => {
        for (const [i, mask] of fromLowest(frame.masks).entries()) await line([trackHead(tracks++, mask.id), ...maskShapes(mask, i, frame.frame, next), '  </track>'].join('\n'));
      };
      for await (const frame of source.read()) {
        if (waiting !== null) await write(waiting, frame.frame);
        waiting = frame;
      }
      if (waiting !== null) await write(waiting, null);
      await line(CVAT_TAIL);
    });
    return [];
  },
};

/** The mask on its frame, and its end on the next one. */
function maskShapes({ id, score, rle }: ExportMask, zOrder: number, frame: number, next: number | null): string[] {
  const { x, y, mask } = cropRle(rle);
  const place = `rle="${rowMajorRuns(mask).join(', ')}" left="${x}" top="${y}" width="${mask.width}" height="${mask.height}" z_order="${zOrder}"`;
  const shape = (at: number, outside: 0 | 1): string => `    <mask frame="${at}" keyframe="1" outside="${outside}" occluded="0" ${place}>${shapeAttributes(id, score)}</mask>`;
  return next === null ? [shape(frame, 0)] : [shape(frame, 0), shape(next, 1)];
}
