import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg, parseVersion } from '../../../adapters/ffmpeg/ffmpeg-binary';

const folder = mkdtempSync(join(tmpdir(), 'vamg-binary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fake(name: string, answer: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${answer}\nEND\n`);
  chmodSync(path, 0o755);
  return path;
}
const find = (ffmpeg: string, ffprobe: string) => findFfmpeg({ PATH: process.env['PATH'], FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe });

describe('the version of ffmpeg', () => {
  it.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026', { version: '5.1.9-0+deb12u1', isSupported: true }],
    ['ffprobe version n7.1 Copyright', { version: 'n7.1', isSupported: true }],
    ['ffmpeg version 4.4.2 Copyright', { version: '4.4.2', isSupported: false }],
    ['ffmpeg version N-47683-g0e8eb07980-static\nlibavutil      56. 24.101 / 56. 24.101', { version: 'N-47683-g0e8eb07980-static', isSupported: false }],
    ['ffmpeg version 2024-05-01-git-abc\nlibavutil      59. 16.100 / 59. 16.100', { version: '2024-05-01-git-abc', isSupported: true }],
    ['GNU tar 1.34', null],
  ])('%j', (output, expected) => {
    expect(parseVersion(output)).toEqual(expected);
  });
});

describe('finding ffmpeg', () => {
  it('takes what the environment names', async () => {
    const [ffmpeg, ffprobe] = [fake('ffmpeg-6', 'ffmpeg version 6.0 x'), fake('ffprobe-6', 'ffprobe version 6.0 x')];
    expect(await find(ffmpeg, ffprobe)).toEqual({ ffmpeg, ffprobe, version: '6.0' });
  });

  it('says what to install when it is absent, too old, or something else', async () => {
    const good = fake('ffmpeg-good', 'ffmpeg version 6.0 x');
    const cases: [string, string, RegExp][] = [
      ['/absent/ffmpeg', '/absent/ffprobe', /ffmpeg named by FFMPEG_PATH was not found.*Install ffmpeg 5 or newer/],
      [good, '/absent/ffprobe', /ffprobe named by FFPROBE_PATH was not found/],
      [fake('ffmpeg-old', 'ffmpeg version 4.4.2 x'), '/absent/ffprobe', /ffmpeg 4.4.2 is too old: version 5.0 is needed/],
      [fake('not-ffmpeg', 'hello'), '/absent/ffprobe', /does not answer/],
    ];
    for (const [ffmpeg, ffprobe, message] of cases) {
      await expect(find(ffmpeg, ffprobe)).rejects.toMatchObject({ failure: 'SetupMissing', message: expect.stringMatching(message) });
    }
  });
});
