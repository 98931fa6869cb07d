import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import { maskLineSchema, type MaskLine } from '../../contracts/pipeline-artefacts';
import { stitchReportSchema, type StitchReport } from '../../contracts/stitch-report';
import { gunzipFile, readGzipLines } from '../store/json-lines';
import { EDITS_FILE, ORIGINAL_FOLDER } from './edit-trail';

/** The files that edits change. */
export const EDITED_FILES = ['masks.jsonl', 'result.json', 'stitch-report.json'] as const;
type EditedFile = (typeof EDITED_FILES)[number];

/** What edits need of a result.json; all the rest of it is kept as it is. */
const summarySchema = z.looseObject({
  schemaVersion: z.literal(1),
  video: z.looseObject({ id: z.string(), name: z.string() }),
  counts: z.looseObject({}),
  range: z.looseObject({ firstFrame: z.int().min(0), frameStep: z.int().min(1) }),
  objects: z.array(z.looseObject({ id: z.int().min(1), label: z.string().optional() })),
});
export type OriginalSummary = z.output<typeof summarySchema>;

/** A line of the original masks.jsonl, and its text. */
export interface OriginalLine {
  readonly text: string;
  readonly line: MaskLine;
}

/**
 * A result as it was before the first edit: its own files while it was never edited, those in original/ afterwards.
 */
export class OriginalResult {
  private constructor(
    private readonly folder: string,
    private readonly isKept: boolean,
    private readonly shown: string,
  ) {}

  /**
   * @param folder holds a result. @param shown how the user knows that folder. @param wasEdited it has a trail of edits.
   * @throws VamgError CorruptArtifact when original/ and the trail do not fit
   */
  static open(folder: string, shown: string, wasEdited: boolean): OriginalResult {
    const isKept = existsSync(path.join(folder, ORIGINAL_FOLDER));
    if (wasEdited !== isKept) {
      const [there, gone] = isKept ? [`${ORIGINAL_FOLDER}/`, EDITS_FILE] : [EDITS_FILE, `${ORIGINAL_FOLDER}/`];
      throw new VamgError('CorruptArtifact', `${shown} holds ${there} but not ${gone}, and only both together say what was edited; put back a copy of what is missing.`);
    }
    return new OriginalResult(folder, isKept, shown);
  }

  /** A folder with the files of a result as they were before any edit. */
  static unedited(folder: string, shown: string): OriginalResult {
    return new OriginalResult(folder, false, shown);
  }

  /** The lines of masks.jsonl, one at a time. @throws VamgError CorruptArtifact */
  async *lines(): AsyncGenerator<OriginalLine, void, undefined> {
    const file = this.pathOf('masks.jsonl');
    const texts = this.isKept ? readGzipLines(file) : createInterface({ input: createReadStream(file), crlfDelay: Infinity });
    let number = 0;
    for await (const text of texts) {
      number++;
      if (text.trim() === '') continue;
      const line = this.parsed(`line ${number} of masks.jsonl`, () => maskLineSchema.parse(JSON.parse(text)));
      yield { text, line };
    }
  }

  async summary(): Promise<OriginalSummary> {
    const text = await this.text('result.json');
    return this.parsed('result.json', () => summarySchema.parse(JSON.parse(text)));
  }

  /** null for a result without one. */
  async stitchReport(): Promise<StitchReport | null> {
    if (!existsSync(this.pathOf('stitch-report.json'))) return null;
    const text = await this.text('stitch-report.json');
    return this.parsed('stitch-report.json', () => stitchReportSchema.parse(JSON.parse(text)));
  }

  /** Put the original files, byte for byte, in a folder. */
  async restoreTo(folder: string): Promise<void> {
    for (const name of this.files()) await (this.isKept ? gunzipFile : copyFile)(this.pathOf(name), path.join(folder, name));
  }

  /** Keep the original files in a folder that is to replace this one, when it does not keep them itself already. */
  async keepIn(folder: string): Promise<void> {
    if (this.isKept) return;
    await mkdir(path.join(folder, ORIGINAL_FOLDER));
    for (const name of this.files()) await pipeline(createReadStream(this.pathOf(name)), createGzip(), createWriteStream(path.join(folder, ORIGINAL_FOLDER, `${name}.gz`)));
  }

  private files(): EditedFile[] {
    return EDITED_FILES.filter((name) => name !== 'stitch-report.json' || existsSync(this.pathOf(name)));
  }

  private pathOf(name: EditedFile): string {
    return this.isKept ? path.join(this.folder, ORIGINAL_FOLDER, `${name}.gz`) : path.join(this.folder, name);
  }

  private async text(name: EditedFile): Promise<string> {
    try {
      const bytes = await readFile(this.pathOf(name));
      return (this.isKept ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
    } catch (cause) {
      throw this.damaged(name, cause);
    }
  }

  private parsed<T>(what: string, parse: () => T): T {
    try {
      return parse();
    } catch (cause) {
      throw this.damaged(what, cause);
    }
  }

  private damaged(what: string, cause: unknown): VamgError {
    const where = this.isKept ? path.join(this.shown, ORIGINAL_FOLDER) : this.shown;
    return new VamgError('CorruptArtifact', `${what} in ${where} is damaged or of another version of vamg; run \`vamg segment --out\` with another folder, which takes it from the store.`, { cause });
  }
}
