import path from 'node:path';
import { callBootstrap } from '../../support/bootstrap';

type Call = [string, string, { version: string; real: string }];
const folders = (...calls: Call[]): string[] => callBootstrap('python-environment.mjs', 'environmentFolder', calls, { VAMG_CACHE: '/cache' }) as string[];

describe('environments of Python', () => {
  test('lie in the cache, apart for another name, other requirements and another Python', () => {
    const python = { version: '3.11.7', real: '/usr/bin/python3' };
    const [first, again, ...others] = folders(
      ['readers', 'numpy==1', python],
      ['readers', 'numpy==1', python],
      ['readers', 'numpy==2', python],
      ['readers', 'numpy==1', { ...python, version: '3.12.0' }],
      ['parity', 'numpy==1', python],
    );
    expect(path.dirname(first!)).toBe('/cache/python');
    expect(path.basename(first!)).toMatch(/^readers-/);
    expect(again).toBe(first);
    expect(new Set([first, ...others]).size).toBe(4);
  });
});
