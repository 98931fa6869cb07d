import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FAILURES } from '../../../contracts/errors';
import { GENERATED_DOCUMENTS } from '../../../cli/docs/generate';

const onDisk = (name: string): string => readFileSync(path.join(__dirname, '../../../docs', name), 'utf8');

describe('generated documents', () => {
  it.each(Object.keys(GENERATED_DOCUMENTS))('docs/%s is what the code generates; run `npm run docs:generate`', (name) => {
    expect(onDisk(name)).toBe(GENERATED_DOCUMENTS[name]!());
  });

  it('docs/errors.md lists every failure of the catalogue and no other', () => {
    const listed = [...onDisk('errors.md').matchAll(/^\| `([A-Za-z]+)` \|/gm)].map((match) => match[1]);
    expect(listed.sort()).toEqual(Object.keys(FAILURES).sort());
  });
});
