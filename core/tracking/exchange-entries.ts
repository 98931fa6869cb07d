/** What a map holds of two keys changes hands; where it holds nothing of one, nothing of the other is held afterwards. */
export function exchangeEntries<Key, Value>(map: Map<Key, Value>, a: Key, b: Key): void {
  const held = [[a, map.has(b), map.get(b)], [b, map.has(a), map.get(a)]] as const;
  for (const [key, isHeld, value] of held) {
    if (isHeld) map.set(key, value as Value);
    else map.delete(key);
  }
}
