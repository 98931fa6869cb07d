import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { VamgError } from '../../contracts/errors';
import { maskLineSchema, type MaskLine } from '../../contracts/pipeline-artefacts';
import { forUser } from '../output/user-folder';

/**
 * The lines of a result folder's masks.jsonl, one at a time.
 * @throws VamgError NotFound without that file, CorruptArtifact for a line that is not one of ours.
 */
export async function* readMaskLines(folder: string): AsyncGenerator<MaskLine, void, undefined> {
  const file = masksFile(folder);
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === '') continue;
    yield parseLine(text, number, folder);
  }
}

/** Path of masks.jsonl. @throws VamgError NotFound */
export function masksFile(folder: string): string {
  const file = path.join(folder, 'masks.jsonl');
  if (!existsSync(file)) throw new VamgError('NotFound', `${forUser(folder)} is not a result folder: it holds no masks.jsonl. Give the folder that \`vamg segment\` wrote.`);
  return file;
}

function parseLine(text: string, number: number, folder: string): MaskLine {
  try {
    return maskLineSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VamgError('CorruptArtifact', `Line ${number} of ${forUser(path.join(folder, 'masks.jsonl'))} is damaged; run \`vamg segment\` again, which takes it from the store.`, { cause });
  }
}
