import path from 'node:path';
import { cropRle } from '../../core/mask/crop-rle';
import { traceOutline } from '../../core/mask/trace-outline';
import { CVAT_TAIL, cvatHead, fromLowest, shapeAttributes, trackHeads, writeLabels } from './cvat-xml';
import { writeLines } from './json-file';
import { ObjectSpool } from './object-spool';
import type { ExportFormat, ExportMask, ExportSource } from './types';

/** CVAT for video with a track of polygons per object: to be edited there as tracks. */
export const cvatPolygon: ExportFormat = {
  name: 'cvat-polygon',
  title: 'CVAT for video 1.1, polygon tracks',
  files: 'annotations.xml, labels.json (the labels of the task, for its "Raw" editor)',
  keeps: "a track per object with a polygon on every frame, along the pixel edges of the mask's largest piece; score; the ID as group_id and as attribute object_id; where the object is not seen (outside); frame numbers of the video",
  loses: 'holes (they are filled) and all pieces of a mask but the largest',
  load: "dataset = datumaro.Dataset.import_from(root, 'cvat')",
  write: async (source, folder) => {
    const tally = { pixels: 0, leftOut: 0, filled: 0 };
    await writeLabels(source, folder);
    await ObjectSpool.with(path.join(folder, '.objects'), async (spool) => {
      await spoolShapes(source, spool, tally);
      await writeLines(path.join(folder, 'annotations.xml'), async (line) => {
        const trackHead = trackHeads(source);
        await line(cvatHead(source));
        for (const [index, { id }] of source.objects.entries()) {
          await line(trackHead(index, id));
          for await (const shape of spool.read(id)) await line(shape);
          await line('  </track>');
        }
        await line(CVAT_TAIL);
      });
    });
    if (tally.leftOut + tally.filled === 0) return [];
    const percent = (pixels: number): string => `${((100 * pixels) / tally.pixels).toFixed(1)} %`;
    return [`A polygon has one ring: of the mask pixels ${percent(tally.leftOut)} are in smaller pieces and left out, and ${percent(tally.filled)} more are holes that are filled.`];
  },
};

async function spoolShapes(source: ExportSource, spool: ObjectSpool, tally: { pixels: number; leftOut: number; filled: number }): Promise<void> {
  let before = new Map<number, string>();
  for await (const { frame, masks } of source.read()) {
    const shown = new Map<number, string>();
    for (const [i, mask] of fromLowest(masks).entries()) {
      const { points, area, enclosed } = outlineOf(mask);
      tally.pixels += mask.area;
      tally.leftOut += mask.area - area;
      tally.filled += enclosed - area;
      const rest = `occluded="0" points="${points}" z_order="${i}">${shapeAttributes(mask.id, mask.score)}</polygon>`;
      await spool.add(mask.id, `    <polygon frame="${frame}" keyframe="1" outside="0" ${rest}`);
      shown.set(mask.id, rest);
    }
    for (const [id, rest] of before) if (!shown.has(id)) await spool.add(id, `    <polygon frame="${frame}" keyframe="1" outside="1" ${rest}`);
    before = shown;
  }
}

function outlineOf({ rle }: ExportMask): { points: string; area: number; enclosed: number } {
  const { x, y, mask } = cropRle(rle);
  const { points, area, enclosed } = traceOutline(mask)!;
  return { points: points.map(([px, py]) => `${x + px},${y + py}`).join(';'), area, enclosed };
}
