import { readFileSync } from 'node:fs';
import { demoTruth, writeDemoFilm } from '../../cli/demo/demo-film';
import { scoreResult, type Scores } from '../../cli/evaluate/score-result';
import { readMaskLines } from '../../cli/result/read-masks';
import { VamgHome } from '../support/vamg';

const FRAMES = 56;
const OPTIONS = ['--preset', 'draft', '--no-overlay', '--no-viewer'];

describe('cutting a video into chunks', () => {
  const home = new VamgHome();
  beforeAll(() => writeDemoFilm(home.path('film.mp4'), FRAMES));
  afterEach(() => home.quiet());
  afterAll(() => home.dispose());

  async function segment(out: string, ...chunking: string[]): Promise<void> {
    const run = await home.run(['segment', 'film.mp4', '--out', out, ...OPTIONS, ...chunking]);
    expect(`${run.code} ${run.code === 0 ? '' : run.stderr}`).toBe('0 ');
  }

  const masks = (out: string): string => readFileSync(home.path(`${out}/masks.jsonl`), 'utf8');
  const score = (out: string): Promise<Scores> => scoreResult({ lines: () => readMaskLines(home.path(out)), truth: demoTruth() });

  it('gives the masks and IDs of one pass, to the byte, where each chunk goes on from the one before', async () => {
    await segment('whole', '--chunk-frames', '100');
    await segment('chain', '--chunk-frames', '26');
    const { counts } = JSON.parse(readFileSync(home.path('chain/result.json'), 'utf8')) as { counts: { chunks: number } };
    expect(counts.chunks).toBe(3);
    expect(masks('chain')).toBe(masks('whole'));
  });

  it('gives the main objects the same identities where each chunk is tracked by itself and stitched', async () => {
    await segment('cut', '--chunk-frames', '18', '--overlap-frames', '7', '--chain-chunks', '1');
    const [whole, cut] = [await score('whole'), await score('cut')];

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
  });
});
