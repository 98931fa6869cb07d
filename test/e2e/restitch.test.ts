import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { stitchReportSchema, type StitchReport } from '../../contracts/stitch-report';
import { writeDemoFilm } from '../../cli/demo/demo-film';
import { VamgHome, type Finished } from '../support/vamg';

describe('vamg restitch', () => {
  const home = new VamgHome();
  afterAll(() => home.dispose());

  const inferenceLog = home.path('.vamg/logs/workers-inference.log');
  const masks = (folder: string): string => readFileSync(home.path(`${folder}/masks.jsonl`), 'utf8');
  const report = (folder: string): StitchReport => stitchReportSchema.parse(JSON.parse(readFileSync(home.path(`${folder}/stitch-report.json`), 'utf8')));

  async function run(...args: string[]): Promise<Finished> {
    const done = await home.run(args);
    expect(`${done.code} ${done.code === 0 ? '' : done.stderr}`).toBe('0 ');
    return done;
  }

  it('joins otherwise from the same tracks, without any inference', async () => {
    await writeDemoFilm(home.path('film.mp4'), 14);
    await run('segment', 'film.mp4', '--out', 'r', '--preset', 'draft', '--points-per-side', '6', '--max-objects', '6', '--detect-every', '3', '--no-sharpen', '--no-viewer', '--chunk-frames', '8', '--overlap-frames', '3', '--chain-chunks', '1');
    const before = masks('r');
    expect(report('r').counts.joined).toBeGreaterThan(0);
    rmSync(inferenceLog);

    // Beside the former result: masks of two chunks are never the same to the pixel everywhere, so nearly nothing is joined.
    const apart = await run('restitch', 'r', '--stitch-iou-thresh', '1', '--stitch-low-iou-thresh', '1', '--out', 'apart', '--json');
    const { objects, formerObjects, state } = JSON.parse(apart.stdout) as { objects: number; formerObjects: number; state: string };
    expect([state, objects > formerObjects]).toEqual(['done', true]);
    expect(report('apart').counts.joined).toBeLessThan(report('r').counts.joined);
    expect(existsSync(home.path('apart/overlay.mp4'))).toBe(true);
    expect(masks('r')).toBe(before);

    // In its place, with the former thresholds again; the video was moved meanwhile.
    renameSync(home.path('film.mp4'), home.path('moved.mp4'));
    const back = ['restitch', 'apart', '--stitch-iou-thresh', '0.5', '--stitch-low-iou-thresh', '0.2'];
    expect((await home.run(back)).stderr).toContain('--video FILE');
    await run(...back, '--video', 'moved.mp4', '--stitch-margin', '0.11');
    expect(report('apart').options.stitchMargin).toBe(0.11);
    expect(masks('apart')).toBe(before);

    // No worker that could have run a network was ever there.
    expect(existsSync(inferenceLog)).toBe(false);
    await home.quiet();
  });
});
