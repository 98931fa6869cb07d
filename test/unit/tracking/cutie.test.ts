import { cutieSettingsSchema } from '../../../contracts/cutie-network';
import { CutieMemory } from '../../../core/tracking/cutie/cutie-memory';
import { staggeredTimes } from '../../../core/tracking/cutie/stagger';
import { TokenStore } from '../../../core/tracking/token-memory/token-store';

const SETTINGS = cutieSettingsSchema.parse({
  max_internal_size: -1, mem_every: 5, stagger_updates: 5, top_k: 30, chunk_size: -1, use_long_term: true, max_mem_frames: 5,
  long_term: { max_mem_frames: 10, min_mem_frames: 5, num_prototypes: 8, max_num_tokens: 40, buffer_tokens: 6 },
  pixel_dim: 1, key_dim: 1, value_dim: 1, sensory_dim: 1, embed_dim: 1, num_queries: 2, up_dims: [1, 1, 1],
});

it("Cutie's memory has a limit of frames with long-term memory and one without", () => {
  expect(new CutieMemory(SETTINGS).rules).toMatchObject({ hasLongTerm: true, maxFrames: 10, minFrames: 5, prototypes: 8 });
  expect(new CutieMemory({ ...SETTINGS, use_long_term: false }).rules).toMatchObject({ hasLongTerm: false, maxFrames: 5 });
});

it("Cutie's long-term memory is cut when it is full, and by so many more that there is room for a while", () => {
  const { makeRoom } = new CutieMemory(SETTINGS).rules;
  const long = new TokenStore();
  const add = (count: number): void => long.append({ count, keys: new Float32Array(count), shrinkage: new Float32Array(count), selection: new Float32Array(0), values: new Map() });
  add(31);
  makeRoom(long);
  expect(long.count).toBe(31);
  add(1);
  makeRoom(long);
  expect(long.count).toBe(26);
});

it('sums of features grow with every frame', () => {
  const memory = new CutieMemory(SETTINGS);
  memory.objects.set(3, { sensory: new Float32Array(1), summaries: null });
  for (const value of [1, 2]) memory.addSummaries(3, Float32Array.of(value, 10 * value));
  expect(Array.from(memory.objects.get(3)!.summaries!)).toEqual([3, 30]);
});

it('updates of the sensory memory are spread as NumPy rounds them', () => {
  expect([...staggeredTimes(5, 5)]).toEqual([1, 2, 3, 4, 5]);
  expect([...staggeredTimes(10, 5)]).toEqual([1, 3, 6, 8, 10]);
  expect([...staggeredTimes(3, 1)]).toEqual([1]);
});
