import { demoTruth } from '../../cli/demo/demo-film';
import { scoreResult, type Scores } from '../../cli/evaluate/score-result';
import { readMaskLines } from '../../cli/result/read-masks';
import { writeDemoFilm } from '../support/demo-film';
import { VamgHome } from '../support/vamg';

const FRAMES = 56;
const OPTIONS = ['--preset', 'draft', '--max-objects', '12', '--no-overlay', '--no-viewer'];

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

    // One ID follows a main object through the whole film: its best single track is as good with seams as without.
    const main = whole.objects.filter((object) => object.bestTrackJ > 0.6);
    expect(main.length).toBeGreaterThanOrEqual(3);
    for (const object of main) {
      const same = cut.objects.find((other) => other.id === object.id)!;
      expect([object.id, same.bestTrackJ > object.bestTrackJ - 0.1]).toEqual([object.id, true]);
      expect(same.idSwitches).toBeLessThanOrEqual(object.idSwitches);
    }
    await home.quiet();
  });
});
