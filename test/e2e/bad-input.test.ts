import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeDemoFilm } from '../../cli/demo/demo-film';
import { VamgHome } from '../support/vamg';

const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';

function ffmpeg(...args: string[]): void {
  execFileSync(FFMPEG, ['-v', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

describe('bad input', () => {
  const home = new VamgHome();

  beforeAll(async () => {
    await writeDemoFilm(home.path('good.mp4'), 12);
    writeFileSync(home.path('empty.mp4'), '');
    writeFileSync(home.path('text.mp4'), 'this is a letter, not a film\n'.repeat(50));
    writeFileSync(home.path('truncated.mp4'), readFileSync(home.path('good.mp4')).subarray(0, 4000));
    mkdirSync(home.path('folder.mp4'));
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', home.path('sound.m4a'));
    ffmpeg('-f', 'lavfi', '-i', 'color=s=64x64:r=5:d=1', '-frames:v', '0', '-c:v', 'libx264', home.path('none.mp4'));
    ffmpeg('-f', 'lavfi', '-i', 'color=s=64x64:r=5:d=1', '-c:v', 'libx264', home.path('one.mp4'));
    ffmpeg('-ss', '100', '-i', home.path('one.mp4'), '-c', 'copy', home.path('emptied.mp4'));
    ffmpeg('-f', 'lavfi', '-i', 'color=black:s=12000x12000:r=1:d=1', '-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', home.path('huge.avi'));
  });

  afterAll(() => home.dispose());

  it.each([
    { what: 'an empty file', args: ['empty.mp4'], code: 1, says: /empty/i },
    { what: 'a text file', args: ['text.mp4'], code: 1, says: /not a video|cannot be read|no video/i },
    { what: 'a truncated file', args: ['truncated.mp4'], code: 1, says: /truncated|incomplete|cannot be read|damaged/i },
    { what: 'sound only', args: ['sound.m4a'], code: 1, says: /no video|only sound|audio/i },
    { what: 'a folder', args: ['folder.mp4'], code: 1, says: /folder|directory/i },
    { what: 'a missing file', args: ['nowhere.mp4'], code: 1, says: /no such|does not exist|not found|no file/i },
    { what: 'a film without a stream', args: ['none.mp4'], code: 1, says: /holds no video/ },
    { what: 'a film without frames', args: ['emptied.mp4'], code: 1, says: /without a single frame/ },
    { what: 'pictures of 12000 x 12000', args: ['huge.avi'], code: 1, says: /12000/ },
    { what: 'a word for a number', args: ['good.mp4', '--points-per-side', 'many'], code: 2, says: /points-per-side.*many/ },
    { what: 'a number out of range', args: ['good.mp4', '--box-nms-thresh', '7'], code: 2, says: /box-nms-thresh.*1/ },
    { what: 'an unknown preset', args: ['good.mp4', '--preset', 'ultra'], code: 2, says: /draft.*balanced.*quality/ },
    { what: 'an unknown option', args: ['good.mp4', '--sparkle'], code: 2, says: /sparkle/ },
    { what: 'an unknown model', args: ['good.mp4', '--model', 'nosuch'], code: 2, says: /nosuch/ },
    { what: 'an unusable id', args: ['good.mp4', '--id', '../x'], code: 2, says: /job ID/ },
    { what: 'a start after the end', args: ['good.mp4', '--start', '99'], code: 2, says: /start/ },
  ])('$what gets one clear sentence and exit code $code, and leaves nothing', async ({ args, code, says }) => {
    const before = readdirSync(home.folder).sort();
    const run = await home.run(['segment', ...args]);
    const said = run.stderr.trim();
    expect(said).toMatch(says);
    expect(said).not.toMatch(/\n\s+at |Error:.*\n.*Error:/);
    expect(said).not.toContain(home.folder);
    expect(run.stdout).toBe('');
    expect(run.code).toBe(code);
    expect(readdirSync(home.folder).filter((name) => name !== '.vamg').sort()).toEqual(before.filter((name) => name !== '.vamg'));
    expect(home.processes()).toEqual([]);
  });

  it('with --json the error is the one document on stdout', async () => {
    const run = await home.run(['segment', 'empty.mp4', '--json']);
    expect(run.code).toBe(1);
    expect((JSON.parse(run.stdout) as { error: { failure: string } }).error.failure).toBe('PoisonVideo');
  });
});
