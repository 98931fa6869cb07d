import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { STAGES } from '../../contracts/artefact-manifest';
import { objectRefSchema } from '../../contracts/object-ref';
import { dataKey, type ArtefactStore } from './artefact-store';
import { orNull, type ObjectStat } from './object-store';
import { dataOf } from './referenced-data';
import { SOURCE_MARKS } from './source-registry';

export interface CleanOptions {
  /** What was written or last used before this time may go; milliseconds since 1970. */
  readonly beforeMs: number;
  /** sha256 of job specifications that are still needed, whatever their age. */
  readonly keep?: ReadonlySet<string>;
  /** Only count. */
  readonly isDryRun?: boolean;
  /** Told now and then how many objects were looked at. */
  readonly onProgress?: (seen: number) => void;
}

export interface CleanReport {
  /** Artefacts (manifests) that go. */
  readonly artefacts: number;
  readonly objects: number;
  readonly bytes: number;
  /** Unfinished uploads, temporary files and scratch folders that killed processes left behind. */
  readonly leftovers: number;
  readonly kept: number;
}

/** A scratch folder may be in use by a step for as long as a step may take. */
const SCRATCH_MS = 2 * 24 * 3600_000;
const PROGRESS_EVERY = 1000;

/**
 * Remove what nobody used since a time: artefacts, then data that no artefact which stays needs, checkpoints of stages that nobody
 * goes on with, marks of sources, leftovers. Records of archives, and the specifications they need, stay. Workers may go on meanwhile: an
 * artefact counts as used when a step finds it (ArtefactStore.find), data when it is written again; each is looked at once more
 * before it goes, and what is missed all the same is made again. A manifest goes before its data, as everywhere.
 */
export async function cleanStore(artefacts: ArtefactStore, options: CleanOptions): Promise<CleanReport> {
  return await new Cleaning(artefacts, options).run();
}

class Cleaning {
  private readonly report = { artefacts: 0, objects: 0, bytes: 0, leftovers: 0, kept: 0 };
  /** Keys of data that stays. */
  private readonly needed = new Set<string>();
  private seen = 0;

  constructor(
    private readonly artefacts: ArtefactStore,
    private readonly options: CleanOptions,
  ) {}

  async run(): Promise<CleanReport> {
    for (const sha256 of this.options.keep ?? []) this.needed.add(dataKey(sha256));
    await this.keepSpecs();
    for (const stage of STAGES) await this.sweepStage(stage);
    await this.sweepMarks();
    await this.sweepCheckpoints();
    for await (const object of this.list('v1/doctor/')) if (this.isOld(object)) await this.drop(object);
    for await (const object of this.list('v1/data/')) {
      if (this.needed.has(object.key) || !this.isOld(object)) this.report.kept++;
      else await this.drop(object);
    }
    if (this.options.isDryRun !== true) this.report.leftovers += await this.artefacts.objects.removeAbandoned(this.options.beforeMs);
    await this.sweepScratch();
    return this.report;
  }

  /** The specifications of archives are needed as long as their schedules are, which the store does not know. */
  private async keepSpecs(): Promise<void> {
    for await (const { key } of this.list('v1/archive/')) {
      if (!key.includes('/specs/')) continue;
      const bytes = await orNull(this.artefacts.objects.get(key));
      const parsed = bytes === null ? null : objectRefSchema.safeParse(tryJson(bytes));
      if (parsed?.success === true) this.needed.add(parsed.data.key);
    }
  }

  private async sweepStage(stage: (typeof STAGES)[number]): Promise<void> {
    const old: ObjectStat[] = [];
    for await (const object of this.list(`v1/${stage}/`)) {
      if (this.isOld(object)) old.push(object);
      else await this.keepArtefact(stage, object);
    }
    for (const object of old) {
      if (await this.drop(object)) this.report.artefacts++;
      else await this.keepArtefact(stage, object);
    }
  }

  private async keepArtefact(stage: (typeof STAGES)[number], { key }: ObjectStat): Promise<void> {
    this.report.kept++;
    const manifest = await this.artefacts.peek(stage, path.posix.basename(key, '.json'));
    if (manifest !== null) for (const ref of await dataOf(this.artefacts, manifest)) this.needed.add(ref.key);
  }

  /** Videos in S3 are not written again when another job is started with them; the mark is. */
  private async sweepMarks(): Promise<void> {
    for await (const object of this.list(SOURCE_MARKS)) {
      if (!this.isOld(object) || !(await this.drop(object))) this.needed.add(dataKey(path.posix.basename(object.key, '.json')));
    }
  }

  /** All checkpoints of a stage, or none: the first ones are old when a long chunk is still worked on. */
  private async sweepCheckpoints(): Promise<void> {
    let group: ObjectStat[] = [];
    const sweep = async (): Promise<void> => {
      if (group.every((object) => this.isOld(object))) for (const object of group) await this.drop(object);
      else this.report.kept += group.length;
    };
    for await (const object of this.list('v1/checkpoints/')) {
      if (group[0] !== undefined && path.posix.dirname(group[0].key) !== path.posix.dirname(object.key)) {
        await sweep();
        group = [];
      }
      group.push(object);
    }
    await sweep();
  }

  private async sweepScratch(): Promise<void> {
    const { scratchRoot } = this.artefacts;
    const limit = Math.min(this.options.beforeMs, Date.now() - SCRATCH_MS);
    for (const name of await readdir(scratchRoot).catch(() => [])) {
      const folder = path.join(scratchRoot, name);
      const changedMs = await stat(folder).then((found) => found.mtimeMs, () => Infinity);
      if (!name.startsWith('scratch-') || changedMs >= limit) continue;
      this.report.leftovers++;
      if (this.options.isDryRun !== true) await rm(folder, { recursive: true, force: true });
    }
  }

  /** False when it was used since it was listed. */
  private async drop({ key }: ObjectStat): Promise<boolean> {
    const { objects } = this.artefacts;
    const now = await objects.stat(key);
    if (now === null) return true;
    if (!this.isOld(now)) return false;
    this.report.objects++;
    this.report.bytes += now.bytes;
    if (this.options.isDryRun !== true) await objects.remove(key);
    return true;
  }

  private isOld({ modifiedAtMs }: ObjectStat): boolean {
    return modifiedAtMs < this.options.beforeMs;
  }

  private async *list(prefix: string): AsyncGenerator<ObjectStat> {
    for await (const object of this.artefacts.objects.list(prefix)) {
      if (++this.seen % PROGRESS_EVERY === 0) this.options.onProgress?.(this.seen);
      yield object;
    }
  }
}

function tryJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
