import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { dataConverter } from '../../../workers/data-converter';
import { createPayloadCodec, parsePayloadKeys } from '../../../workers/payload-codec';

const key = (): string => randomBytes(32).toString('base64');
const [a, b] = [key(), key()];
const codecOf = (text: string) => createPayloadCodec(parsePayloadKeys(text));
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value)!;

describe('encrypted payloads', () => {
  it('come back as they were, whatever they are', async () => {
    const codec = codecOf(`a:${a}`);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const [decoded] = await codec.decode(await codec.encode([payloadOf(value)]));
        expect(defaultPayloadConverter.fromPayload(decoded!)).toEqual(defaultPayloadConverter.fromPayload(payloadOf(value)));
      }),
      { numRuns: 100 },
    );
    const bytes = payloadOf(Uint8Array.from([0, 255, 10]));
    expect(defaultPayloadConverter.fromPayload((await codec.decode(await codec.encode([bytes])))[0]!)).toEqual(Uint8Array.from([0, 255, 10]));
    expect(await codec.encode([])).toEqual([]);
  });

  it('are different each time and show nothing but the name of the key', async () => {
    const codec = codecOf(`a:${a}`);
    const [one, two] = await codec.encode([payloadOf('hello film'), payloadOf('hello film')]);
    expect(Buffer.from(one!.data!).equals(Buffer.from(two!.data!))).toBe(false);
    expect(Object.keys(one!.metadata!).sort()).toEqual(['encoding', 'encryption-key-id']);
    expect(Buffer.from(one!.data!).toString('latin1')).not.toMatch(/hello|plain/);
  });

  it('are read with every key there is and written with the first; plain ones are read as they are', async () => {
    const [old] = await codecOf(`a:${a}`).encode([payloadOf(1)]);
    const rotated = codecOf(`b:${b},a:${a}`);
    expect(defaultPayloadConverter.fromPayload((await rotated.decode([old!]))[0]!)).toBe(1);
    const [fresh] = await rotated.encode([payloadOf(2)]);
    expect(Buffer.from(fresh!.metadata!['encryption-key-id']!).toString()).toBe('b');
    expect(await rotated.decode([payloadOf(3)])).toEqual([payloadOf(3)]);
    await expect(codecOf(`b:${b}`).decode([old!])).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('"a"') as string });
  });

  it('are refused when a bit was flipped, cut off, or another key has the name', async () => {
    const codec = codecOf(`a:${a}`);
    const [sealed] = await codec.encode([payloadOf('x')]);
    const data = Buffer.from(sealed!.data!);
    for (let index = 0; index < data.length; index++) {
      const altered = Buffer.from(data);
      altered[index]! ^= 1;
      await expect(codec.decode([{ ...sealed!, data: altered }])).rejects.toMatchObject({ failure: 'CorruptArtifact' });
    }
    for (const length of [0, 5, 20, data.length - 1]) await expect(codec.decode([{ ...sealed!, data: data.subarray(0, length) }])).rejects.toMatchObject({ failure: 'CorruptArtifact' });
    await expect(codecOf(`a:${b}`).decode([sealed!])).rejects.toMatchObject({ failure: 'CorruptArtifact' });
    const renamed = { ...sealed!, metadata: { ...sealed!.metadata, 'encryption-key-id': Buffer.from('c') } };
    await expect(codecOf(`a:${a},c:${a}`).decode([renamed])).rejects.toMatchObject({ failure: 'CorruptArtifact' });
  });
});

describe('VAMG_PAYLOAD_KEYS', () => {
  it('unset or empty leaves payloads plain', () => expect([dataConverter({}), dataConverter({ VAMG_PAYLOAD_KEYS: '' })]).toEqual([{}, {}]));

  it.each(['secretsecret', `a:${a.slice(4)}`, `a:${a},a:${b}`, `a:${a},`, `../x:${a}`, `:${a}`])('"%s" is refused without being shown', (text) => {
    const refused = (): unknown => dataConverter({ VAMG_PAYLOAD_KEYS: text });
    expect(refused).toThrow(expect.objectContaining({ failure: 'BadConfig' }) as Error);
    try {
      refused();
    } catch (error) {
      expect((error as Error).message).not.toContain(text.slice(0, 12));
    }
  });
});
