import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { archiveInputSchema } from '../../contracts/archive';
import { VamgError } from '../../contracts/errors';
import { objectRefSchema } from '../../contracts/object-ref';

/** Also of runs that a schedule started, which end in a time. */
const ID = /^[a-z0-9][A-Za-z0-9._:-]*$/;

/** What this machine remembers of a job, so that `vamg resume` needs no arguments. */
const jobRecordSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  /** The video as the user named it, made absolute. */
  input: z.string(),
  videoName: z.string(),
  videoId: z.string(),
  /** Where the result folder goes. */
  out: z.string(),
  job: objectRefSchema,
  /** Store in which its artefacts are. */
  store: z.string(),
  createdAtMs: z.number(),
  state: z.enum(['unfinished', 'done', 'failed', 'cancelled']),
  /** Why it failed, as it was said then. */
  failure: z.object({ name: z.string(), message: z.string() }).optional(),
  /** Process that runs the workers, while it does. */
  ownerPid: z.int().nullable(),
  /** Replace a result at `out` also when it was edited by hand (--force). */
  replaceEdited: z.boolean().optional(),
  /** For a run through an archive: what its workflow is told. `job` is the archive then, `input` its source, `out` its destination. */
  archive: archiveInputSchema.optional(),
});
export type JobRecord = z.output<typeof jobRecordSchema>;

/** The records of one home, a file per job. */
export class JobRecords {
  private readonly folder: string;

  constructor(home: string) {
    this.folder = path.join(home, 'jobs');
  }

  async save(record: JobRecord): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const temporary = path.join(this.folder, `.${randomUUID()}`);
    await writeFile(temporary, `${JSON.stringify(record, null, 1)}\n`);
    await rename(temporary, path.join(this.folder, `${record.id}.json`));
  }

  /** null when there is none, or when it cannot be read. */
  async find(id: string): Promise<JobRecord | null> {
    if (!ID.test(id)) return null;
    const text = await readFile(path.join(this.folder, `${id}.json`), 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return jobRecordSchema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  /** @throws VamgError NotFound */
  async need(id: string): Promise<JobRecord> {
    const record = await this.find(id);
    if (record === null) throw new VamgError('NotFound', `There is no job ${id} here; \`vamg list\` shows the jobs.`);
    return record;
  }

  /** All records, newest first. */
  async all(): Promise<JobRecord[]> {
    const names = await readdir(this.folder).catch(() => []);
    const records = await Promise.all(names.filter((name) => /^[a-z0-9].*\.json$/.test(name)).map((name) => this.find(name.slice(0, -5))));
    return records.filter((record) => record !== null).sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  async update(id: string, change: Partial<Pick<JobRecord, 'state' | 'ownerPid' | 'out' | 'failure'>>): Promise<void> {
    const record = await this.find(id);
    if (record !== null) await this.save({ ...record, ...change });
  }
}

/** True while the process that runs the job's workers lives. */
export function isOwned(record: Pick<JobRecord, 'ownerPid'>): boolean {
  if (record.ownerPid === null || record.ownerPid === process.pid) return false;
  try {
    process.kill(record.ownerPid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
