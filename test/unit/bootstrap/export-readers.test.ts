import path from 'node:path';
import { callBootstrap } from '../../support/bootstrap';

const folders = (...calls: [string, { version: string; real: string }][]): string[] => callBootstrap('export-readers.mjs', 'readersFolder', calls, { VAMG_CACHE: '/cache' }) as string[];

describe('the Python readers of the export tests', () => {
  test('lie in the cache, apart for other requirements and for another Python', () => {
    const python = { version: '3.11.7', real: '/usr/bin/python3' };
    const [first, again, otherList, otherPython] = folders(['numpy==1', python], ['numpy==1', python], ['numpy==2', python], ['numpy==1', { ...python, version: '3.12.0' }]);
    expect(path.dirname(first!)).toBe('/cache/python');
    expect(again).toBe(first);
    expect(new Set([first, otherList, otherPython]).size).toBe(3);
  });
});
