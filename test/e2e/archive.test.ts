import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { ArchiveReport } from '../../contracts/archive';
import { customVideo } from '../support/synthetic-video';
import { VamgHome } from '../support/vamg';

const OPTIONS = ['--preset', 'draft', '--points-per-side', '4', '--no-overlay', '--no-viewer', '--json'];

describe('vamg archive, from the command line to the report', () => {
  const home = new VamgHome();
  afterAll(() => home.dispose());

  test('two videos and a file that is none: once, then nothing to do; to another place within a budget', async () => {
    const draw = (name: string, pattern: string): Promise<string> => customVideo(name, ['-f', 'lavfi', '-i', `${pattern}=s=96x72:r=12`, '-frames:v', '6', '-c:v', 'libx264', '-pix_fmt', 'yuv420p']);
    mkdirSync(home.path('films/talks'), { recursive: true });
    copyFileSync(await draw('one.mp4', 'testsrc2'), home.path('films/one.mp4'));
    copyFileSync(await draw('two.mkv', 'testsrc'), home.path('films/talks/Two films.mkv'));
    writeFileSync(home.path('films/rubbish.mp4'), 'no video');
    symlinkSync('/etc/passwd', home.path('films/link.mp4'));
    const run = async (...more: string[]): Promise<{ code: number | null; report: ArchiveReport }> => {
      const { code, stdout, stderr } = await home.run(['archive', 'films', '--dest', 'out', ...OPTIONS, ...more]);
      if (!stdout.startsWith('{')) throw new Error(stderr);
      return { code, report: (JSON.parse(stdout) as { report: ArchiveReport }).report };
    };

    const first = await run();
    expect(first.report.videos.map(({ name, state }) => `${name} ${state}`)).toEqual(['rubbish.mp4 quarantined', 'one.mp4 done', 'talks/Two films.mkv done', 'link.mp4 passed-over']);
    expect(first.code).toBe(1);
    const masks = home.path('out/talks/Two films.mkv-vamg/masks.jsonl');
    const bytes = readFileSync(masks, 'utf8');
    expect(bytes.trim().split('\n')).toHaveLength(6);

    const second = await run();
    expect(second).toMatchObject({ code: 0, report: { endedBy: 'end', spent: { videos: 0 }, counts: { done: 0, skipped: 2, stillQuarantined: 1 } } });
    expect(existsSync(home.path(`out/archive-reports/${second.report.run}.txt`))).toBe(true);

    const again = await run('--dest', 'elsewhere', '--max-videos', '1');
    expect(again.report).toMatchObject({ endedBy: 'budget', counts: { done: 1 }, spent: { videos: 1 } });
    expect(readFileSync(home.path('elsewhere/one.mp4-vamg/masks.jsonl'), 'utf8')).toBe(readFileSync(home.path('out/one.mp4-vamg/masks.jsonl'), 'utf8'));
    await home.quiet();
  });
});
