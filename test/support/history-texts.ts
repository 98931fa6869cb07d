/** All names and texts in a workflow's history (or any other value), bytes read as text: what whoever reads the history can read. */
export function historyTexts(value: unknown): string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...historyTexts(inner)]);
}
