import { callBootstrap } from '../../support/bootstrap';

describe('versions', () => {
  test('compares them number by number', () => {
    const calls = [['v20.20.2', '20.9.0'], ['20.9.0', '20.9.0'], ['v20.8.9', '20.9.0'], ['18.20.4', '20.9.0'], ['1.29.1', '1.29.0'], ['1.9.1', '1.29.0'], ['nonsense', '1.0.0']];
    expect(callBootstrap('node-version.mjs', 'isAtLeast', calls)).toEqual([true, true, false, false, true, false, false]);
  });

  test('says in one sentence which Node is needed', () => {
    const [good, old] = callBootstrap('node-version.mjs', 'nodeProblem', [['v22.1.0'], ['v18.20.4']]);
    expect(good).toBeNull();
    expect(old).toMatch(/needs Node\.js 20\.9\.0 or newer; this is v18\.20\.4/);
  });

  test('reads the server part of what temporal says', () => {
    const calls = [['temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)'], ['temporal version 1.5.1 (Server 1.30.0-142.3, UI 2.45.0)'], ['unknown']];
    expect(callBootstrap('temporal.mjs', 'parseServerVersion', calls)).toEqual(['1.29.1', '1.30.0-142.3', null]);
    expect(callBootstrap('temporal.mjs', 'isServerSupported', [['1.29.1'], ['1.30.0-142.3'], ['1.28.2'], []])).toEqual([true, true, false, false]);
  });

  test.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c)', { version: '5.1.9-0+deb12u1', isSupported: true }],
    ['ffprobe version n7.1 Copyright (c)', { version: 'n7.1', isSupported: true }],
    ['ffmpeg version 4.4.2-0ubuntu0 Copyright (c)\nlibavutil      56. 70.100', { version: '4.4.2-0ubuntu0', isSupported: false }],
    ['ffmpeg version N-47683-g0e8eb07980-static\nlibavutil      56. 24.101', { version: 'N-47683-g0e8eb07980-static', isSupported: false }],
    ['ffmpeg version 2024-05-02-git-1234\nlibavutil      59. 16.101', { version: '2024-05-02-git-1234', isSupported: true }],
    ['bash: ffmpeg: not found', null],
  ])('reads what ffmpeg says: %s', (output, expected) => {
    expect(callBootstrap('ffmpeg.mjs', 'parseFfmpegVersion', [[output]])).toEqual([expected]);
  });

  test('reads what Go says', () => {
    expect(callBootstrap('go-install.mjs', 'parseGoVersion', [['go version go1.26.8 linux/amd64'], ['go version go1.25 darwin/arm64'], ['']])).toEqual(['1.26.8', '1.25', null]);
  });

  test('refuses a build whose checksum is known and differs', () => {
    const tool = { name: 'temporal', version: '1.5.1' };
    expect(callBootstrap('go-install.mjs', 'checkBuild', [[tool, '1.99.0', 'f00', 'linux-x64']])).toEqual([null]);
    expect(() => callBootstrap('go-install.mjs', 'checkBuild', [[tool, '1.26.8', 'f00', 'linux-x64']])).toThrow(/not the expected 7eefaeae/);
  });
});
