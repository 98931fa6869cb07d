/** Some remembered tokens: one key and its shrinkage for each, and one value for each token and object. */
export interface Tokens {
  readonly count: number;
  /** [count, key_dim]. */
  readonly keys: Float32Array;
  /** [count]. */
  readonly shrinkage: Float32Array;
  /** [count, key_dim], or empty where nobody asks for it. */
  readonly selection: Float32Array;
  /** By object: [count, value_dim]. */
  readonly values: ReadonlyMap<number, Float32Array>;
}

/** A life before the first reading, so that the share of use is a number (kv_memory_store.py). */
const NEW_LIFE = 1e-7;

/** Tokens in the order in which they came, and how much each was read (kv_memory_store.py, one part of one bucket). */
export class TokenStore implements Tokens {
  count = 0;
  keys: Float32Array = new Float32Array(0);
  shrinkage: Float32Array = new Float32Array(0);
  selection: Float32Array = new Float32Array(0);
  readonly values = new Map<number, Float32Array>();
  /** [count] sum of weights with which a token was read, and number of readings. */
  use: Float32Array = new Float32Array(0);
  life: Float32Array = new Float32Array(0);

  append(tokens: Tokens): void {
    this.keys = join(this.keys, tokens.keys);
    this.shrinkage = join(this.shrinkage, tokens.shrinkage);
    this.selection = join(this.selection, tokens.selection);
    for (const [id, values] of tokens.values) this.values.set(id, join(this.values.get(id), values));
    this.use = join(this.use, new Float32Array(tokens.count));
    this.life = join(this.life, new Float32Array(tokens.count).fill(NEW_LIFE));
    this.count += tokens.count;
  }

  /** Keep only the tokens from..to, the last one exclusive. */
  slice(from: number, to: number): void {
    this.keep(Int32Array.from({ length: to - from }, (_, i) => from + i));
  }

  /** Keep only these tokens, in this order. */
  keep(tokens: ArrayLike<number>): void {
    const { count } = this;
    this.keys = pick(this.keys, count, tokens);
    this.shrinkage = pick(this.shrinkage, count, tokens);
    this.selection = pick(this.selection, count, tokens);
    for (const [id, values] of this.values) this.values.set(id, pick(values, count, tokens));
    this.use = pick(this.use, count, tokens);
    this.life = pick(this.life, count, tokens);
    this.count = tokens.length;
  }

  /** Count a reading; `weights` [>= at + count] are the sums over all queries, this store's own from `at` on. */
  countUse(weights: Float64Array, at: number): void {
    for (let i = 0; i < this.count; i++) {
      this.use[i]! += weights[at + i]!;
      this.life[i]! += 1;
    }
  }

  /** The most read tokens among the first `among`, per reading since they came: most read first, of equals the older one. */
  mostUsed(most: number, among: number = this.count): Int32Array {
    const usage = this.usage();
    return Int32Array.from({ length: among }, (_, i) => i).sort((a, b) => usage[b]! - usage[a]! || a - b).slice(0, most);
  }

  /** Forget the least read tokens until `most` are left, and those that are read as little as the last of them; the others keep their order. */
  forgetLeastUsed(most: number): void {
    const surplus = this.count - most;
    if (surplus <= 0) return;
    const usage = this.usage();
    const limit = usage.slice().sort()[surplus - 1]!;
    this.keep(Array.from(usage.keys()).filter((i) => usage[i]! > limit));
  }

  /** [count] how much each was read, per reading since it came. */
  usage(): Float32Array {
    return this.use.map((use, i) => use / this.life[i]!);
  }
}

function join(before: Float32Array | undefined, after: Float32Array): Float32Array {
  if (!before || before.length === 0) return after.slice();
  const out = new Float32Array(before.length + after.length);
  out.set(before);
  out.set(after, before.length);
  return out;
}

/** Rows of an array of `count` rows. */
export function pick(values: Float32Array, count: number, rows: ArrayLike<number>): Float32Array {
  const width = count === 0 ? 0 : values.length / count;
  const out = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) out.set(values.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  return out;
}
