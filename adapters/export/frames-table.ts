import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { writeLines } from './json-file';
import type { ExportTime } from './types';

/** Lies in the folder of every export, and tells it from other folders. */
export const FRAMES_TABLE = 'frames.csv';
const HEAD = 'position,frame,time';

/** Write the table of the frames: which frame of the video, and when, each processed frame is. */
export async function writeFramesTable(file: string, fill: (add: (time: ExportTime) => Promise<void>) => Promise<void>): Promise<void> {
  await writeLines(file, async (line) => {
    await line(HEAD);
    await fill(({ position, frame, time }) => line(`${position},${frame},${time}`));
  });
}

export async function* readFramesTable(file: string): AsyncGenerator<ExportTime, void, undefined> {
  let isHead = true;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const [position, frame, time] = text.split(',').map(Number);
    if (!isHead) yield { position: position!, frame: frame!, time: time! };
    isHead = false;
  }
}

/** Whether a file is such a table. */
export async function isFramesTable(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD.length), 0, HEAD.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === HEAD;
  } finally {
    await handle.close();
  }
}
