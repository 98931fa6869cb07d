import { ValueCache } from '../../../adapters/store/value-cache';

test('values not used for longest go when it grows too heavy; the newest stays, however heavy', () => {
  const cache = new ValueCache(100, 10);
  for (const key of ['a', 'b', 'c']) cache.set(key, `value ${key}`, 3);
  expect(cache.get('a')).toBe('value a');
  cache.set('d', 'value d', 3);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['value a', undefined, 'value c', 'value d']);
  cache.set('a', 'heavier', 5);
  expect(['a', 'c', 'd'].map((key) => cache.get(key))).toEqual(['heavier', undefined, 'value d']);
  cache.set('huge', 'value', 100);
  expect(['a', 'd', 'huge'].map((key) => cache.get(key))).toEqual([undefined, undefined, 'value']);
  cache.set('e', 'small', 1);
  expect(['huge', 'e'].map((key) => cache.get(key))).toEqual([undefined, 'small']);
});

test('values not used for longest go when there are too many', () => {
  const cache = new ValueCache(2, 100);
  for (const key of ['a', 'b']) cache.set(key, key, 1);
  cache.get('a');
  cache.set('c', 'c', 1);
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c']);
});
