import { sha256Hex } from './hash-file';

/** JSON of an object with the sha256 of itself, for what is found by name, not by content, and would else be believed when a bit of it is wrong. */
export function sealJson(value: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(JSON.stringify({ ...value, seal: sha256Hex(JSON.stringify(value)) }));
}

/** The object; null when it is not JSON or not what was sealed. One without a seal, of an earlier version, is taken as it is. */
export function unsealJson(bytes: Uint8Array): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('seal' in parsed)) return parsed;
  const { seal, ...value } = parsed;
  return seal === sha256Hex(JSON.stringify(value)) ? value : null;
}
