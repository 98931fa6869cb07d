import { z } from 'zod';
import { archiveEntrySchema, archiveRecordSchema, type ArchiveEntry, type ArchiveRecord } from '../../contracts/archive';
import type { ObjectRef } from '../../contracts/object-ref';
import { sha256Hex } from '../store/hash-file';
import { orNull, removeUnder, type ObjectStore } from '../store/object-store';

/**
 * What is remembered of an archive, in the store: a record for each name (`v1/archive/<key>/videos/…`), the log of a run
 * (`…/runs/<run>/…`), which its report is made of, the reports (`…/reports/<run>.json`), and which specifications there were (`…/specs/<sha256>.json`).
 */
export class ArchiveRecords {
  private readonly root: string;

  /** @param key 16 hex digits */
  constructor(
    private readonly objects: ObjectStore,
    key: string,
  ) {
    this.root = `v1/archive/${key}`;
  }

  /** Remember the specification of runs, which schedules name for as long as they exist, so that the store is not cleaned of it. */
  async keepSpec(spec: ObjectRef): Promise<void> {
    await this.objects.put(`${this.root}/specs/${spec.sha256}.json`, Buffer.from(JSON.stringify(spec)));
  }

  /** null when there is none, or one that cannot be read: the video is then looked at as if it were new. */
  async find(name: string): Promise<ArchiveRecord | null> {
    const value = await this.read(this.recordKey(name));
    const parsed = archiveRecordSchema.safeParse(value);
    return parsed.success && parsed.data.name === name ? parsed.data : null;
  }

  async save(record: ArchiveRecord): Promise<void> {
    await this.objects.put(this.recordKey(record.name), Buffer.from(JSON.stringify(archiveRecordSchema.parse(record))));
  }

  /**
   * Add to the log of a run; the same part again replaces what it said.
   * @param part a name of a video or of a page
   */
  async log(run: string, part: string, entries: readonly ArchiveEntry[]): Promise<void> {
    await this.objects.put(`${this.root}/runs/${run}/${sha256Hex(part)}.json`, Buffer.from(JSON.stringify(entries)));
  }

  /** Everything in the log of a run. */
  async readLog(run: string): Promise<ArchiveEntry[]> {
    const entries: ArchiveEntry[] = [];
    for await (const { key } of this.objects.list(`${this.root}/runs/${run}/`)) {
      const parsed = z.array(archiveEntrySchema).safeParse(await this.read(key));
      if (parsed.success) entries.push(...parsed.data);
    }
    return entries;
  }

  /** Remove the log of a run, once its report is stored. */
  async removeLog(run: string): Promise<void> {
    await removeUnder(this.objects, `${this.root}/runs/${run}/`);
  }

  /** The stored report of a run; null before it is stored. */
  async findReport(run: string): Promise<Uint8Array | null> {
    return await orNull(this.objects.get(this.reportKey(run)));
  }

  async saveReport(run: string, bytes: Uint8Array): Promise<void> {
    await this.objects.put(this.reportKey(run), bytes);
  }

  private async read(key: string): Promise<unknown> {
    const bytes = await orNull(this.objects.get(key));
    try {
      return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown);
    } catch {
      return null;
    }
  }

  private recordKey(name: string): string {
    return `${this.root}/videos/${sha256Hex(name)}.json`;
  }

  private reportKey(run: string): string {
    return `${this.root}/reports/${run}.json`;
  }
}
