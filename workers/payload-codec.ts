import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { VamgError } from '../contracts/errors';

const ENCODING = 'binary/encrypted';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY = /^([A-Za-z0-9][A-Za-z0-9._-]{0,31}):([A-Za-z0-9+/]{43}=)$/;

/**
 * Keys from text such as `2026b:<base64 of 32 bytes>,2026a:…`, in order. The first encrypts, all decrypt.
 * @throws VamgError BadConfig, which never shows the text
 */
export function parsePayloadKeys(text: string): Map<string, Buffer> {
  const keys = new Map<string, Buffer>();
  for (const part of text.split(',')) {
    const [, id, key] = KEY.exec(part.trim()) ?? [];
    if (id === undefined || key === undefined || keys.has(id)) throw new VamgError('BadConfig', 'VAMG_PAYLOAD_KEYS must be name:key pairs with commas between them, each key 32 bytes in base64, no name twice.');
    keys.set(id, Buffer.from(key, 'base64'));
  }
  return keys;
}

/**
 * AES-256-GCM over whole payloads (their metadata too), a fresh nonce each, the key's name authenticated with it. Payloads that are
 * not encrypted are read as they are, so that keys can be introduced while jobs run.
 */
export function createPayloadCodec(keys: ReadonlyMap<string, Buffer>): PayloadCodec {
  const [first] = keys;
  if (first === undefined) throw new VamgError('BadConfig', 'Encryption of payloads needs at least one key.');
  const [keyId, key] = first;
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, keyId, key)),
    decode: async (payloads) => payloads.map((payload) => (textOf(payload, 'encoding') === ENCODING ? decrypt(payload, keys) : payload)),
  };
}

function encrypt(payload: Payload, keyId: string, key: Buffer): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(keyId));
  const sealed = Buffer.concat([cipher.update(serialise(payload)), cipher.final()]);
  return { metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(keyId) }, data: Buffer.concat([iv, cipher.getAuthTag(), sealed]) };
}

function decrypt(payload: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  const keyId = textOf(payload, 'encryption-key-id');
  const key = keys.get(keyId);
  if (key === undefined) throw new VamgError('BadConfig', `A payload was encrypted with the key "${keyId.slice(0, 32)}", which VAMG_PAYLOAD_KEYS does not have.`);
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(keyId));
    decipher.setAuthTag(data.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return parse(Buffer.concat([decipher.update(data.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]));
  } catch (cause) {
    throw new VamgError('CorruptArtifact', `A payload encrypted with the key "${keyId.slice(0, 32)}" was altered, or that name stands for another key here.`, { cause });
  }
}

const textOf = (payload: Payload, name: string): string => Buffer.from(payload.metadata?.[name] ?? []).toString('utf8');
const toBase64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');

function serialise({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, toBase64(value)]);
  return Buffer.from(JSON.stringify({ metadata: Object.fromEntries(entries) as Record<string, string>, data: toBase64(data) }));
}

function parse(bytes: Buffer): Payload {
  const { metadata, data } = JSON.parse(bytes.toString('utf8')) as { metadata: Record<string, string>; data: string };
  return { metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])), data: Buffer.from(data, 'base64') };
}
