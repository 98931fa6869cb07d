import path from 'node:path';
import { emptyRle } from '../../core/mask/rle';
import { toCocoRle } from '../../core/mask/rle-string';
import { writeJsonFile } from './json-file';
import type { ExportFormat, ExportSource } from './types';

/** SA-V's sizes: mean areas below 32² and 96² pixels. */
const BUCKETS = [
  [32 ** 2, 'small'],
  [96 ** 2, 'medium'],
] as const;

/** SA-V as its training set: one JSON file, a mask per frame and object. */
export const saV: ExportFormat = {
  name: 'sa-v',
  title: 'SA-V, JSON',
  files: '<video>_auto.json',
  keeps: 'every mask (compressed RLE; an empty one where the object is not seen), overlaps too; the IDs in masklet_id, in the order of the inner lists',
  loses: 'scores; frame numbers and times (frames.csv has them)',
  load: "video = json.load(open(f'{root}/video_auto.json')); mask = pycocotools.mask.decode(video['masklet'][0][0])",
  write: async (source, folder) => {
    await writeJsonFile(path.join(folder, `${source.sequence}_auto.json`), async (json) => {
      const { sequence, durationSeconds, frames, width, height } = source;
      const about = { video_id: sequence, video_duration: durationSeconds, video_frame_count: frames, video_height: height, video_width: width, video_resolution: width * height };
      await json.text(`${JSON.stringify(about).slice(0, -1)},"video_environment":null,"video_split":null,"masklet":[`);
      const empty = JSON.stringify(toCocoRle(emptyRle(width, height)));
      for await (const { masks } of source.read()) {
        const byId = new Map(masks.map(({ id, coco }) => [id, coco]));
        const list = source.objects.map(({ id }) => (byId.has(id) ? JSON.stringify(byId.get(id)) : empty));
        await json.item(`[${list.join(',')}]`);
      }
      await json.text(`],${JSON.stringify(perObject(source)).slice(1)}`);
    });
    return [];
  },
};

function perObject({ objects, width, height, frames }: ExportSource): Readonly<Record<string, unknown>> {
  return {
    masklet_id: objects.map(({ id }) => id),
    masklet_size_rel: objects.map(({ meanArea }) => meanArea / (width * height)),
    masklet_size_abs: objects.map(({ meanArea }) => meanArea),
    masklet_size_bucket: objects.map(({ meanArea }) => BUCKETS.find(([limit]) => meanArea < limit)?.[1] ?? 'large'),
    masklet_visibility_changes: objects.map(({ visibilityChanges }) => visibilityChanges),
    masklet_first_appeared_frame: objects.map(({ firstPosition }) => firstPosition),
    masklet_frame_count: objects.map(() => frames),
    masklet_edited_frame_count: objects.map(() => 0),
    masklet_type: objects.map(() => 'auto'),
    masklet_stability_score: null,
    masklet_num: objects.length,
  };
}
