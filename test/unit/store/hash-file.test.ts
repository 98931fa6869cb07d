import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashFile } from '../../../adapters/store/hash-file';

const folder = mkdtempSync(path.join(tmpdir(), 'vamg-hash-'));
const file = path.join(folder, 'file');
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1 << 20;

test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 7])('of a file of %i bytes', async (size) => {
  const bytes = randomBytes(size);
  writeFileSync(file, bytes);
  expect(await hashFile(file)).toEqual({ sha256: createHash('sha256').update(bytes).digest('hex'), bytes: size });
});

test('small files cost no large buffers', async () => {
  writeFileSync(file, 'short');
  const buffers = jest.spyOn(Buffer, 'allocUnsafe');
  await hashFile(file);
  expect(buffers.mock.calls.flat()).toEqual([6, 6]);
  buffers.mockRestore();
});

test('ends when told to, and says what is wrong with a file', async () => {
  writeFileSync(file, randomBytes(3 * MIB));
  await expect(hashFile(file, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  await expect(hashFile(path.join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(hashFile(folder)).rejects.toMatchObject({ code: 'EISDIR' });
});
