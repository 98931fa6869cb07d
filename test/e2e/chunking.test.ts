import { demoTruth } from '../../cli/demo/demo-film';
import { scoreResult, type Scores } from '../../cli/evaluate/score-result';
import { readMaskLines } from '../../cli/result/read-masks';
import { writeDemoFilm } from '../../cli/demo/demo-film';
import { VamgHome } from '../support/vamg';

const FRAMES = 56;
const OPTIONS = ['--preset', 'draft', '--no-overlay', '--no-viewer'];

describe('cutting a video into chunks', () => {
  const home = new VamgHome();
  afterAll(() => home.dispose());

  async function segment(out: string, ...chunking: string[]): Promise<Scores> {
    const run = await home.run(['segment', 'film.mp4', '--out', out, ...OPTIONS, ...chunking]);
    expect(`${run.code} ${run.code === 0 ? '' : run.stderr}`).toBe('0 ');
    return scoreResult({ lines: () => readMaskLines(home.path(out)), truth: demoTruth() });
  }

  it('gives the main objects the same identities in four chunks as in one', async () => {
    await writeDemoFilm(home.path('film.mp4'), FRAMES);
    const whole = await segment('whole', '--chunk-frames', '100');
    const cut = await segment('cut', '--chunk-frames', '18', '--overlap-frames', '7');

    // The ID that follows a main object best covers as much of its life with seams as without, and hands over no more often.
    const main = whole.objects.filter((object) => object.bestTrackJ > 0.6);
    expect(main.length).toBeGreaterThanOrEqual(3);
    const switches = { whole: 0, cut: 0 };
    for (const object of main) {
      const same = cut.objects.find((other) => other.id === object.id)!;
      expect({ object: object.id, isCovered: same.coverage > object.coverage - 0.15 }).toEqual({ object: object.id, isCovered: true });
      switches.whole += object.idSwitches;
      switches.cut += same.idSwitches;
    }
    expect(switches.cut).toBeLessThanOrEqual(switches.whole + 1);
    await home.quiet();
  });
});
