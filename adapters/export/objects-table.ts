import path from 'node:path';
import { writeLines } from './json-file';
import type { SequencePart } from './sequence-parts';
import type { ExportSource } from './types';

/** `objects.csv`: the objects, with the sequence and the number that they have there in formats that renumber. */
export async function writeObjectsTable(source: ExportSource, folder: string, parts: readonly SequencePart[]): Promise<void> {
  await writeLines(path.join(folder, 'objects.csv'), async (line) => {
    await line('id,label,first_frame,last_frame,frames,mean_area,mean_score,sequence,value');
    const places = new Map(parts.flatMap((part) => [...part.values].map(([id, value]) => [id, `${part.sequence},${value}`] as const)));
    for (const { id, label, firstFrame, lastFrame, frames, meanArea, meanScore } of source.objects) {
      const place = places.get(id) ?? `${source.sequence},${id}`;
      await line([id, csvText(label ?? ''), firstFrame, lastFrame, frames, meanArea.toFixed(1), meanScore.toFixed(4), place].join(','));
    }
  });
}

/** A text as a cell of a CSV table. */
export function csvText(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
