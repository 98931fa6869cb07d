import path from 'node:path';
import { writeLines } from '../export/json-file';
import { csvText } from '../export/objects-table';
import { objectName } from './object-name';
import type { FilmSource } from './types';

/** `objects.csv`: the chosen objects, with the name of their files or folder and the frames of the video in which they are seen. */
export async function writeChosenTable(source: FilmSource, folder: string): Promise<void> {
  await writeLines(path.join(folder, 'objects.csv'), async (line) => {
    await line('id,label,name,first_frame,last_frame,frames');
    for (const { id, label, firstFrame, lastFrame, frames } of source.chosen) await line([id, csvText(label ?? ''), objectName(source, id), firstFrame, lastFrame, frames].join(','));
  });
}
