import { correctionRecordSchema, type CorrectionRecord } from '../../contracts/edits';
import { VamgError } from '../../contracts/errors';
import type { ObjectStore } from '../store/object-store';
import { sealJson, unsealJson } from '../store/sealed-json';

/**
 * What was corrected in the result of a job, in the store: `v1/corrections/<sha256 of the job>/<number of the first line>.json`, one
 * object per correction. They are the work of people, small, and cannot be computed again: nothing removes them, also when the result
 * they belong to is removed and made anew.
 */
export class CorrectionRecords {
  private readonly root: string;

  constructor(
    private readonly objects: ObjectStore,
    jobSha256: string,
  ) {
    this.root = `v1/corrections/${jobSha256}/`;
  }

  /** All of them, in order. @throws VamgError CorruptArtifact when one is damaged or missing */
  async all(): Promise<readonly CorrectionRecord[]> {
    const keys: string[] = [];
    for await (const { key } of this.objects.list(this.root)) keys.push(key);
    const records: CorrectionRecord[] = [];
    let next = 1;
    for (const key of keys) {
      const parsed = correctionRecordSchema.safeParse(unsealJson(await this.objects.get(key)));
      if (!parsed.success || key !== this.keyOf(next)) throw damaged(next, parsed.error);
      for (const { number } of parsed.data.lines) if (number !== next++) throw damaged(number);
      records.push(parsed.data);
    }
    return records;
  }

  /** Whether there is any. */
  async hasAny(): Promise<boolean> {
    for await (const _object of this.objects.list(this.root)) return true;
    return false;
  }

  /** Write the next one; false when somebody else's has come before it, and nothing is written then. */
  async claim(record: CorrectionRecord): Promise<boolean> {
    return await this.objects.putIfAbsent(this.keyOf(record.lines[0]!.number), sealJson(correctionRecordSchema.parse(record)));
  }

  private keyOf(firstLine: number): string {
    return `${this.root}${String(firstLine).padStart(8, '0')}.json`;
  }
}

function damaged(line: number, cause?: unknown): VamgError {
  return new VamgError('CorruptArtifact', `The record of correction ${line} of this job is damaged in the store, so what was corrected is not known; put back a copy of v1/corrections.`, { cause });
}
