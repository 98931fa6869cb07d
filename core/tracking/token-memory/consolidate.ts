import { pick, type TokenStore, type Tokens } from './token-store';

/**
 * Make prototypes of the oldest `among` tokens (memory_manager.py, `consolidation`): the keys of the most used ones, each with a value
 * that is the mean of all candidates' values by how like they are.
 */
export function consolidate(work: TokenStore, among: number, prototypes: number): Tokens {
  const chosen = work.mostUsed(prototypes, among);
  const keyDim = work.keys.length / work.count;
  const keys = pick(work.keys, work.count, chosen);
  const affinity = likeness(work, among, keys, pick(work.selection, work.count, chosen), keyDim);
  const values = new Map([...work.values].map(([id, own]) => [id, weightedMeans(affinity, own, among, own.length / work.count)]));
  return { count: chosen.length, keys, shrinkage: weightedMeans(affinity, work.shrinkage, among, 1), selection: new Float32Array(0), values };
}

/** [prototypes, candidates] softmax over the candidates of the anisotropic similarity (Cheng and Schwing, "XMem", 2022, equation 2). */
function likeness(work: TokenStore, among: number, queries: Float32Array, selections: Float32Array, keyDim: number): Float64Array {
  const count = queries.length / keyDim;
  const out = new Float64Array(count * among);
  for (let p = 0; p < count; p++) {
    let most = -Infinity;
    for (let i = 0; i < among; i++) {
      let distance = 0;
      for (let c = 0; c < keyDim; c++) distance += selections[p * keyDim + c]! * (work.keys[i * keyDim + c]! - queries[p * keyDim + c]!) ** 2;
      most = Math.max(most, (out[p * among + i] = (-distance * work.shrinkage[i]!) / Math.sqrt(keyDim)));
    }
    let sum = 0;
    for (let i = p * among; i < (p + 1) * among; i++) sum += out[i] = Math.exp(out[i]! - most);
    for (let i = p * among; i < (p + 1) * among; i++) out[i]! /= sum;
  }
  return out;
}

/** [prototypes, width] from the first `among` rows of [.., width]. */
function weightedMeans(affinity: Float64Array, values: Float32Array, among: number, width: number): Float32Array {
  const count = affinity.length / among;
  const out = new Float32Array(count * width);
  const sums = new Float64Array(width);
  for (let p = 0; p < count; p++) {
    sums.fill(0);
    for (let i = 0; i < among; i++) {
      const weight = affinity[p * among + i]!;
      for (let c = 0, at = i * width; c < width; c++, at++) sums[c]! += weight * values[at]!;
    }
    out.set(sums, p * width);
  }
  return out;
}
