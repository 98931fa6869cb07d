import type { TokenAffinity, TokenFrame, TokenNetwork } from '../../../contracts/token-network';
import { consolidate } from './consolidate';
import { TokenStore, type Tokens } from './token-store';

/** Objects that came on one frame share their keys: the first frame for good, the last few frames, and prototypes of older ones. */
export class Bucket {
  objects: number[] = [];
  readonly permanent = new TokenStore();
  readonly work = new TokenStore();
  readonly long = new TokenStore();

  /** In the order in which they are read. */
  get stores(): readonly TokenStore[] {
    return [this.long, this.permanent, this.work];
  }

  removeObjects(gone: ReadonlySet<number>): void {
    this.objects = this.objects.filter((id) => !gone.has(id));
    for (const { values } of this.stores) for (const id of gone) values.delete(id);
  }
}

/** What is kept of the tokens. */
export interface TokenRules {
  readonly keyDim: number;
  readonly valueDim: number;
  /** Whether the oldest frames become prototypes; else they are forgotten. */
  readonly hasLongTerm: boolean;
  /** Frames, the first one included: so many are kept, or, with long-term memory, some become prototypes when there are so many, and `minFrames` are left. */
  readonly maxFrames: number;
  readonly minFrames: number;
  readonly prototypes: number;
  /** Make room in long-term memory before `prototypes` tokens come. */
  makeRoom(long: TokenStore): void;
}

/**
 * Working and long-term memory of XMem (memory_manager.py, kv_memory_store.py) and Cutie (the same files), and what is remembered of each
 * object besides its tokens.
 */
export class TokenMemory<ObjectState> {
  buckets: Bucket[] = [];
  readonly objects = new Map<number, ObjectState>();

  constructor(readonly rules: TokenRules) {}

  /** What the bucket's tokens say to the frame; counts what was read. */
  async look(bucket: Bucket, frame: TokenFrame, network: Pick<TokenNetwork, 'affinity'>, signal?: AbortSignal): Promise<TokenAffinity> {
    const { keyDim, hasLongTerm } = this.rules;
    const { stores } = bucket;
    const tokens = stores.reduce((sum, { count }) => sum + count, 0);
    const keys = new Float32Array(tokens * keyDim);
    const shrinkage = new Float32Array(tokens);
    let at = 0;
    for (const store of stores) {
      keys.set(store.keys, at * keyDim);
      shrinkage.set(store.shrinkage, at);
      at += store.count;
    }
    const affinity = await network.affinity(frame, tokens, keys, shrinkage, signal);
    if (hasLongTerm) {
      const usage = new Float64Array(tokens);
      affinity.indices.forEach((token, i) => (usage[token]! += affinity.weights[i]!));
      bucket.long.countUse(usage, 0);
      bucket.work.countUse(usage, bucket.long.count + bucket.permanent.count);
    }
    return affinity;
  }

  /** What is read for one object of the bucket: [cells, value_dim] into `out` from `offset`. */
  readOut(bucket: Bucket, id: number, { k, weights, indices }: TokenAffinity, out: Float32Array, offset: number): void {
    const width = this.rules.valueDim;
    const cells = weights.length / k;
    const sums = new Float64Array(width);
    const { long, permanent } = bucket;
    const values = bucket.stores.map((store) => store.values.get(id));
    for (let cell = 0; cell < cells; cell++) {
      sums.fill(0);
      for (let j = cell * k; j < (cell + 1) * k; j++) {
        let token = indices[j]!;
        let part = 0;
        if (token >= long.count) {
          token -= long.count;
          part = 1;
          if (token >= permanent.count) {
            token -= permanent.count;
            part = 2;
          }
        }
        const own = values[part]!;
        const weight = weights[j]!;
        for (let c = 0, at = token * width; c < width; c++, at++) sums[c]! += weight * own[at]!;
      }
      out.set(sums, offset + cell * width);
    }
  }

  /** Remember a frame for all these objects; new ones get a bucket of their own, whose first frame is kept for good. */
  add(frame: TokenFrame, values: ReadonlyMap<number, Float32Array>): void {
    const cells = frame.rows * frame.columns;
    const known = new Set(this.buckets.flatMap(({ objects }) => objects));
    const news = [...values.keys()].filter((id) => !known.has(id));
    if (news.length > 0) {
      const bucket = new Bucket();
      bucket.objects = news;
      this.buckets.push(bucket);
    }
    for (const bucket of this.buckets) {
      const isFirst = bucket.permanent.count === 0;
      const selection = isFirst || !this.rules.hasLongTerm ? new Float32Array(0) : frame.selection;
      const tokens: Tokens = { count: cells, keys: frame.key, shrinkage: frame.shrinkage, selection, values: new Map(bucket.objects.map((id) => [id, values.get(id)!])) };
      (isFirst ? bucket.permanent : bucket.work).append(tokens);
      this.limit(bucket, cells);
    }
  }

  remove(ids: readonly number[]): void {
    const gone = new Set(ids);
    for (const bucket of this.buckets) bucket.removeObjects(gone);
    this.buckets = this.buckets.filter(({ objects }) => objects.length > 0);
    for (const id of ids) this.objects.delete(id);
  }

  /** Forget the oldest frames, or make prototypes of them. */
  private limit({ work, long }: Bucket, cells: number): void {
    const { hasLongTerm, maxFrames, minFrames, prototypes, makeRoom } = this.rules;
    // The first frame counts as one of them.
    const most = (maxFrames - 1) * cells;
    if (!hasLongTerm) {
      if (work.count > most) work.slice(work.count - most, work.count);
      return;
    }
    if (work.count < most) return;
    makeRoom(long);
    const older = work.count - (minFrames - 1) * cells;
    long.append(consolidate(work, older, prototypes));
    work.slice(older, work.count);
  }
}
