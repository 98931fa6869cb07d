import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import { sha256Hex } from './hash-file';
import { sealJson, unsealJson } from './sealed-json';
import { orNull, removeUnder, type ObjectStore } from './object-store';

const recordSchema = z.strictObject({
  number: z.int().min(0),
  firstLine: z.int().min(0),
  lines: z.int().min(0),
  partSha256: z.string(),
  stateSha256: z.string(),
  /** sha256 of the record before this one; ties a chain together, so that two attempts never mix. */
  previous: z.string(),
});
type Record = z.output<typeof recordSchema>;

const attemptsSchema = z.strictObject({ linesDone: z.int().min(0), count: z.int().min(0) });

export const NO_PROGRESS_LIMIT = 3;

/**
 * Checkpoints of one running stage, under `v1/checkpoints/<stage key>/`: `<n>.json` (the record, written last), `<n>.<hash>.part`
 * (gzip'd lines since the last one) and `<n>.<hash>.state`. Every piece is verified; an attempt resumes after the longest chain
 * of valid records whose last state is intact.
 */
export class Checkpoints {
  private readonly prefix: string;
  private chain: { record: Record; hash: string }[] = [];

  constructor(
    private readonly store: ObjectStore,
    stageKey: string,
  ) {
    this.prefix = `v1/checkpoints/${stageKey}/`;
  }

  get linesDone(): number {
    const last = this.chain.at(-1)?.record;
    return last === undefined ? 0 : last.firstLine + last.lines;
  }

  /** Find where to resume; null is the start. */
  async resume(): Promise<{ linesDone: number; checkpoint: Uint8Array } | null> {
    await this.loadChain();
    for (;;) {
      const last = this.chain.at(-1);
      if (last === undefined) return null;
      const state = await this.readPiece(pieceName(last.record.number, last.record.stateSha256, 'state'), last.record.stateSha256);
      if (state !== null) return { linesDone: this.linesDone, checkpoint: state };
      this.chain.pop();
    }
  }

  /** Store lines that follow those stored before, and the state to go on from after them. */
  async append(lines: readonly string[], state: Uint8Array): Promise<void> {
    const number = this.chain.length;
    const part = gzipSync(lines.map((line) => `${line}\n`).join(''));
    const record: Record = { number, firstLine: this.linesDone, lines: lines.length, partSha256: sha256Hex(part), stateSha256: sha256Hex(state), previous: this.chain.at(-1)?.hash ?? '' };
    await this.store.put(this.prefix + pieceName(number, record.partSha256, 'part'), part);
    await this.store.put(this.prefix + pieceName(number, record.stateSha256, 'state'), state);
    const bytes = sealJson(record);
    await this.store.put(this.prefix + recordName(number), bytes);
    this.chain.push({ record, hash: sha256Hex(bytes) });
    const old = this.chain.at(-3)?.record;
    if (old !== undefined) await this.store.remove(this.prefix + pieceName(old.number, old.stateSha256, 'state'));
  }

  /** All stored lines in order, one part in memory at a time. @throws VamgError CorruptArtifact */
  async *lines(): AsyncGenerator<string, void, undefined> {
    for (const { record } of this.chain) {
      const part = await this.readPiece(pieceName(record.number, record.partSha256, 'part'), record.partSha256);
      if (part === null) throw new VamgError('CorruptArtifact', 'A checkpoint was damaged while the job ran; the step starts again.');
      yield* gunzipSync(part).toString('utf8').split('\n').slice(0, -1);
    }
  }

  /**
   * Count an attempt that starts at `linesDone`. @throws VamgError PoisonChunk when NO_PROGRESS_LIMIT attempts began at the same
   * place and came no further (the count then starts again, for a user who retries)
   */
  async startAttempt(linesDone: number): Promise<void> {
    const before = await this.readAttempts();
    const count = before?.linesDone === linesDone ? before.count + 1 : 1;
    if (count > NO_PROGRESS_LIMIT) {
      await this.store.remove(this.attemptsKey);
      throw new VamgError('PoisonChunk', `${NO_PROGRESS_LIMIT} attempts ended at the same frame of this chunk; the video is probably damaged there.`, { details: { linesDone } });
    }
    await this.store.put(this.attemptsKey, sealJson({ linesDone, count }));
  }

  /** This attempt ended for a reason that says nothing about the video: do not count it. */
  async forgiveAttempt(): Promise<void> {
    const now = await this.readAttempts();
    if (now !== null) await this.store.put(this.attemptsKey, sealJson({ ...now, count: Math.max(0, now.count - 1) }));
  }

  async removeAll(): Promise<void> {
    this.chain = [];
    await removeUnder(this.store, this.prefix);
  }

  private get attemptsKey(): string {
    return `${this.prefix}attempts.json`;
  }

  private async readAttempts(): Promise<z.output<typeof attemptsSchema> | null> {
    return (await this.readSealed(this.attemptsKey, attemptsSchema))?.value ?? null;
  }

  private async loadChain(): Promise<void> {
    this.chain = [];
    for (;;) {
      const found = await this.readSealed(this.prefix + recordName(this.chain.length), recordSchema);
      if (found === null) return;
      const { value: record, hash } = found;
      const follows = record.number === this.chain.length && record.firstLine === this.linesDone && record.previous === (this.chain.at(-1)?.hash ?? '');
      if (!follows || (await this.readPiece(pieceName(record.number, record.partSha256, 'part'), record.partSha256)) === null) return;
      this.chain.push({ record, hash });
    }
  }

  private async readPiece(name: string, sha256: string): Promise<Uint8Array | null> {
    return await this.readTwice(this.prefix + name, (bytes) => (sha256Hex(bytes) === sha256 ? bytes : null));
  }

  private async readSealed<T>(key: string, schema: z.ZodType<T>): Promise<{ value: T; hash: string } | null> {
    return await this.readTwice(key, (bytes) => {
      const parsed = schema.safeParse(unsealJson(bytes));
      return parsed.success ? { value: parsed.data, hash: sha256Hex(bytes) } : null;
    });
  }

  /** What is damaged on its way is read once more. */
  private async readTwice<T>(key: string, check: (bytes: Uint8Array) => T | null): Promise<T | null> {
    for (let attempt = 1; attempt <= 2; attempt++) {
      const bytes = await orNull(this.store.get(key));
      if (bytes === null) return null;
      const value = check(bytes);
      if (value !== null) return value;
    }
    return null;
  }
}

function recordName(number: number): string {
  return `${String(number).padStart(6, '0')}.json`;
}

function pieceName(number: number, sha256: string, kind: 'part' | 'state'): string {
  return `${String(number).padStart(6, '0')}.${sha256.slice(0, 16)}.${kind}`;
}
