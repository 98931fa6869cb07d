import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { callBootstrap } from '../../support/bootstrap';

describe('the cache', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cache-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('lies where the person, the desktop or the default says', () => {
    const home = os.homedir();
    const environments = [[{ VAMG_CACHE: '/a' }], [{ XDG_CACHE_HOME: '/b' }], [{ XDG_CACHE_HOME: 'relative' }], [{}]];
    const expected = ['/a', '/b/video-amg', path.join(home, '.cache/video-amg'), path.join(home, '.cache/video-amg')];
    expect(callBootstrap('cache.mjs', 'cacheRoot', environments)).toEqual(expected);
  });

  test('names a program by version and platform', () => {
    expect(callBootstrap('cache.mjs', 'binaryName', [['temporal', '1.5.1', 'linux', 'arm64'], ['temporal', '1.5.1', 'win32', 'x64']])).toEqual([
      'temporal-1.5.1-linux-arm64',
      'temporal-1.5.1-win32-x64.exe',
    ]);
  });

  test('tells a stored program from a missing, a touched and a damaged one', () => {
    const source = path.join(folder, 'source');
    const target = path.join(folder, 'bin', 'tool');
    const check = (): unknown => callBootstrap('cache.mjs', 'checkBinary', [[target]])[0];
    fs.writeFileSync(source, 'the program');
    expect(check()).toBe('missing');
    callBootstrap('cache.mjs', 'storeBinary', [[source, target, {}]]);
    expect(check()).toBe('good');
    fs.utimesSync(target, 1000, 1000);
    expect(check()).toBe('good');
    fs.writeFileSync(target, 'the progrbm');
    expect(check()).toBe('damaged');
    expect(fs.statSync(target).mode & 0o111).toBe(0o111);
    expect(fs.readdirSync(path.dirname(target)).sort()).toEqual(['tool', 'tool.json']);
  });
});

describe('the packages', () => {
  test('count as installed when every needed one is there as pinned', () => {
    const wanted = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'x' }, 'node_modules/b': { version: '1.0.0', optional: true } } };
    const a = { version: '1.0.0', integrity: 'x' };
    const installed = [{ packages: { 'node_modules/a': a } }, { packages: { 'node_modules/a': { ...a, version: '1.0.1' } } }, { packages: {} }];
    expect(callBootstrap('packages.mjs', 'isSameTree', installed.map((tree) => [wanted, tree]))).toEqual([true, false, false]);
    const naming = { packages: { ...wanted.packages, '': { optionalDependencies: { b: '1' } } } };
    expect(callBootstrap('packages.mjs', 'isSameTree', [[naming, installed[0]]])).toEqual([false]);
  });
});
