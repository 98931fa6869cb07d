import { readFileSync } from 'node:fs';
import path from 'node:path';
import { VamgHome, type Finished } from '../../support/vamg';
import { Cluster } from '../support/cluster';
import { StoreFolder } from '../support/damage';
import { bounded, report } from '../support/faults';
import { smallFilm } from '../support/film';

/** FILM_OPTIONS, on the command line. */
const OPTIONS = ['--chunk-frames', '32', '--chain-chunks', '2', '--overlap-frames', '8', '--detect-every', '16', '--no-overlay', '--no-viewer'];

describe('10: tracks that are damaged when a result is stitched again', () => {
  const home = new VamgHome();
  let cluster: Cluster | undefined;
  afterAll(async () => {
    await cluster?.close();
    home.dispose();
  }, bounded(10));

  it('vamg restitch says what to do, and doing it helps', async () => {
    cluster = await Cluster.open();
    await cluster.startWorker();
    const folder = path.join(cluster.folder, 'store');
    const env = { TEMPORAL_ADDRESS: cluster.server.address, VAMG_STORE: folder, VAMG_CONFIG: path.join(cluster.folder, 'temporal.yaml') };
    const vamg = (...args: string[]): Promise<Finished> => home.run(args, env);
    const masks = (result: string): string => readFileSync(home.path(`${result}/masks.jsonl`), 'utf8');
    const film = await smallFilm();
    expect(await vamg('segment', film, '--out', 'first', ...OPTIONS)).toMatchObject({ code: 0 });

    new StoreFolder(folder).damageData('track', 'flipped');
    // The same tracks, matched anew.
    const margin = ['--stitch-margin', '0.06'];
    const refused = await vamg('restitch', 'first', ...margin, '--out', 'stitched');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/tracks of 1 of 4 chunks are no longer in the store.*`vamg segment`/s)]);

    const since = Date.now();
    const framesBefore = cluster.trace.tracked();
    expect(await vamg('segment', film, '--out', 'second', ...OPTIONS, ...margin)).toMatchObject({ code: 0 });
    const again = cluster.trace.tracked() - framesBefore;
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThan(framesBefore);
    expect(await vamg('restitch', 'first', '--stitch-margin', '0.07', '--out', 'stitched')).toMatchObject({ code: 0 });
    expect([masks('second') === masks('first'), masks('stitched') === masks('first')]).toEqual([true, true]);
    const done = 'a bit of the tracks flipped: vamg restitch refuses and says so, vamg segment with the options wanted tracks that chunk again, and vamg restitch works';
    report({ fault: 10, name: 'damaged in a folder: restitch', done, lost: 0, recoverySeconds: (Date.now() - since) / 1000, repeated: null });
  }, bounded(40));
});
