import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { cocoCategories } from './coco';
import { writeJsonFile, type JsonFile } from './json-file';
import { categoriesOf, frameName } from './names';
import { ObjectSpool } from './object-spool';
import type { ExportFormat, ExportObject, ExportSource } from './types';

/** Its scorer (cocoapi, ytvoseval) looks at no more tracks per video and class. */
const SCORED_TRACKS = 100;
/** Characters per line of a long list. */
const LINE = 1 << 16;

/** One line of the spool; the places of the columns. */
const COLUMNS = { segmentations: 1, bboxes: 2, areas: 3 } as const;

/** YouTube-VIS: one annotation per object, with a list that has an entry for every frame. */
export const youtubeVis: ExportFormat = {
  name: 'youtube-vis',
  title: 'YouTube-VIS',
  files: 'annotations/instances.json (as ground truth), results/results.json (as a submission)',
  keeps: 'every mask (compressed RLE), box and area; the ID as the annotation\'s id; the mean score per object',
  loses: 'the score of each frame; frame numbers and times (frames.csv has them)',
  load: "tracks = json.load(open(f'{root}/annotations/instances.json'))['annotations']; mask = pycocotools.mask.decode(tracks[0]['segmentations'][0])",
  write: async (source, folder) => {
    await ObjectSpool.with(path.join(folder, '.objects'), async (spool) => {
      for await (const { position, masks } of source.read())
        for (const { id, coco, bbox, area } of masks) await spool.add(id, `${position}\t${JSON.stringify(coco)}\t${JSON.stringify(bbox)}\t${area}`);
      await mkdir(path.join(folder, 'annotations'));
      await writeJsonFile(path.join(folder, 'annotations', 'instances.json'), (json) => writeTruth(source, spool, json));
      await mkdir(path.join(folder, 'results'));
      await writeJsonFile(path.join(folder, 'results', 'results.json'), (json) => writeResults(source, spool, json));
    });
    const { length } = source.objects;
    return length > SCORED_TRACKS ? [`All ${length} objects are in the files; its scorer looks at the ${SCORED_TRACKS} of a class with the highest scores only.`] : [];
  },
};

async function writeTruth(source: ExportSource, spool: ObjectSpool, json: JsonFile): Promise<void> {
  const { sequence, width, height, frames, videoName } = source;
  const categories = categoriesOf(source);
  await json.text(`{"info":${JSON.stringify({ description: videoName })},"licenses":[],`);
  await json.text(`"categories":${cocoCategories(source)},`);
  await json.text(`"videos":[{"id":1,"width":${width},"height":${height},"length":${frames},"file_names":[`);
  for await (const { frame } of source.readTimes()) await json.item(JSON.stringify(`${sequence}/${frameName(source, frame)}.jpg`));
  await json.text(']}],"annotations":[');
  for (const [i, object] of source.objects.entries()) {
    await json.text(`${i === 0 ? '' : ','}{"id":${object.id},"video_id":1,"category_id":${categories.of(object.id) + 1},"iscrowd":0,"width":${width},"height":${height},"score":${score(object)},"segmentations":[`);
    await writeColumn(spool, object.id, 'segmentations', frames, json);
    await json.text('],"bboxes":[');
    await writeColumn(spool, object.id, 'bboxes', frames, json);
    await json.text('],"areas":[');
    await writeColumn(spool, object.id, 'areas', frames, json);
    await json.text(']}');
  }
  await json.text(']}');
}

async function writeResults(source: ExportSource, spool: ObjectSpool, json: JsonFile): Promise<void> {
  const categories = categoriesOf(source);
  await json.text('[');
  const best = [...source.objects].sort((a, b) => b.meanScore - a.meanScore || a.id - b.id);
  for (const [i, object] of best.entries()) {
    await json.text(`${i === 0 ? '' : ','}{"video_id":1,"category_id":${categories.of(object.id) + 1},"score":${score(object)},"segmentations":[`);
    await writeColumn(spool, object.id, 'segmentations', source.frames, json);
    await json.text(']}');
  }
  await json.text(']');
}

/** One entry per frame, null where the object is not seen. */
async function writeColumn(spool: ObjectSpool, id: number, column: keyof typeof COLUMNS, frames: number, json: JsonFile): Promise<void> {
  let text = '';
  let next = 0;
  const add = async (entry: string): Promise<void> => {
    text += next++ === 0 ? entry : `,${entry}`;
    if (text.length < LINE) return;
    await json.text(text);
    text = '';
  };
  for await (const line of spool.read(id)) {
    const cells = line.split('\t');
    while (next < Number(cells[0])) await add('null');
    await add(cells[COLUMNS[column]]!);
  }
  while (next < frames) await add('null');
  if (text !== '') await json.text(text);
}

function score({ meanScore }: ExportObject): number {
  return Number(meanScore.toFixed(6));
}
