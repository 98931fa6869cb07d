import { LineWriter } from '../store/json-lines';

/** A JSON document written piece by piece. */
export interface JsonFile {
  /** Text as it is, on a line of its own; the next item is the first of its list. */
  text(text: string): Promise<void>;
  /** An item of the open list (or a `"key":value` of the open object), with a comma before it where it is not the first. */
  item(json: string): Promise<void>;
}

type WriteLine = (text: string) => Promise<void>;

/** Write a plain text file line by line; it is closed whatever happens. */
export async function writeLines(file: string, fill: (line: WriteLine) => Promise<void>): Promise<void> {
  await writeLinesOfAll([file], ([line]) => fill(line!));
}

/** The same with several files at once. */
export async function writeLinesOfAll(files: readonly string[], fill: (lines: readonly WriteLine[]) => Promise<void>): Promise<void> {
  const writers = files.map((file) => new LineWriter(file, { gzip: false }));
  try {
    await fill(writers.map((writer) => (text) => writer.write(text)));
  } finally {
    await Promise.all(writers.map((writer) => writer.close()));
  }
}

/** Write a JSON file whose lists never are in memory as a whole. */
export async function writeJsonFile(file: string, fill: (json: JsonFile) => Promise<void>): Promise<void> {
  await writeLines(file, async (line) => {
    let isFirst = true;
    await fill({
      text: async (text) => {
        isFirst = true;
        await line(text);
      },
      item: async (json) => {
        await line(isFirst ? json : `,${json}`);
        isFirst = false;
      },
    });
  });
}
