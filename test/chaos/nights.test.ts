import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { archiveReportSchema, type ArchiveReport } from '../../contracts/archive';
import { VamgHome } from '../support/vamg';
import { Cluster, eventually } from './support/cluster';
import { bounded, report } from './support/faults';
import { smallFilm } from './support/film';

const NIGHT_MS = 60_000;
const OPTIONS = ['--chunk-frames', '32', '--chain-chunks', '2', '--overlap-frames', '8', '--detect-every', '16', '--no-overlay', '--no-viewer'];

/** A night is a minute here; all else is as in earnest: the command line, the server, its schedule, a worker, a folder of films. */
describe('an archive that is processed every night', () => {
  let cluster: Cluster;
  const home = new VamgHome();
  beforeAll(async () => void (cluster = await Cluster.open({ standIn: { frameMs: 0 } })));
  afterAll(async () => {
    await cluster?.close();
    home.dispose();
  });

  const vamg = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await home.run(args, { TEMPORAL_ADDRESS: cluster.server.address, ...cluster.settings });
    expect(`${code} ${code === 0 ? '' : stderr}`).toBe('0 ');
    return stdout;
  };

  /** Of runs that are over, by their nominal time. */
  const reports = (): ArchiveReport[] => {
    const folder = home.path('out/archive-reports');
    const names = readdirSync(home.path('.'), { recursive: true, encoding: 'utf8' }).filter((name) => name.startsWith('out/archive-reports/') && name.endsWith('.json'));
    return names.map((name) => archiveReportSchema.parse(JSON.parse(readFileSync(path.join(folder, path.basename(name)), 'utf8')))).sort((a, b) => ((a.night ?? '') < (b.night ?? '') ? -1 : 1));
  };
  const told = ({ videos }: ArchiveReport): string[] => videos.map(({ name, state }) => `${name} ${state}`).sort();

  it('13: does new films only, makes up for an outage of the server, sets a poison film aside, and then has nothing to do', async () => {
    mkdirSync(home.path('films'));
    copyFileSync(await smallFilm(1), home.path('films/one.mp4'));
    copyFileSync(await smallFilm(2), home.path('films/two.mp4'));
    await cluster.startWorker();
    await vamg('schedule', 'create', 'nightly', 'films', '--dest', 'out', '--every', '1m', '--jitter', '0s', ...OPTIONS);
    await eventually('the first night', () => reports().some(({ counts }) => counts.done > 0), 3 * NIGHT_MS);
    const first = reports().find(({ counts }) => counts.done > 0)!;
    expect(told(first)).toEqual(['one.mp4 done', 'two.mp4 done']);
    expect(first.night).not.toBeNull();

    copyFileSync(await smallFilm(3), home.path('films/three.mp4'));
    writeFileSync(home.path('films/poison.mp4'), 'this is no film');
    // Away over the time when the next run is due.
    const before = reports().length;
    await eventually('some seconds before a run is due', () => Date.now() % NIGHT_MS > NIGHT_MS - 8_000 && Date.now() % NIGHT_MS < NIGHT_MS - 3_000, 2 * NIGHT_MS);
    await cluster.server.kill();
    const [from, alreadyThere] = [Date.now(), reports().length];
    expect(alreadyThere).toBe(before);
    await sleep(16_000);
    const to = Date.now();
    await cluster.server.start();
    const madeUp = (): ArchiveReport[] => reports().filter(({ night }) => Date.parse(night!) > from && Date.parse(night!) <= to);
    await eventually('the night of the outage', () => madeUp().length > 0, 3 * NIGHT_MS);
    expect(madeUp()).toHaveLength(1);
    const second = madeUp()[0]!;
    expect(second.counts).toMatchObject({ done: 1, quarantined: 1, skipped: 2, failed: 0 });
    expect(told(second)).toEqual(['poison.mp4 quarantined', 'three.mp4 done']);
    const poison = second.videos.find(({ name }) => name === 'poison.mp4')!;
    expect(JSON.stringify(poison)).toContain('PoisonVideo');
    const recoverySeconds = (Date.parse(second.startedAt) - to) / 1000;

    const tracked = cluster.trace.tracked();
    const last = reports().at(-1)!.night!;
    await eventually('another night', () => reports().some(({ night }) => night! > last), 3 * NIGHT_MS);
    const third = reports().find(({ night }) => night! > last)!;
    expect(third).toMatchObject({ endedBy: 'end', counts: { done: 0, failed: 0, quarantined: 0, skipped: 3, stillQuarantined: 1 }, spent: { videos: 0 } });
    expect(cluster.trace.tracked()).toBe(tracked);
    expect(cluster.trace.repeated().frames).toBe(0);

    const shown = JSON.parse(await vamg('schedule', 'show', 'nightly', '--json')) as { schedule?: { paused: boolean; missedCatchup: number } } & { paused?: boolean; missedCatchup?: number };
    expect(shown.schedule ?? shown).toMatchObject({ paused: false, missedCatchup: 0 });
    await vamg('schedule', 'delete', 'nightly');
    const nights = reports().map(({ night }) => night);
    expect(new Set(nights).size).toBe(nights.length);
    report({ fault: 13, name: 'server away when a nightly run is due', done: 'the server is killed for 16 s over the due time of a schedule (a minute is a night); a new film and a poison film wait', lost: 0, recoverySeconds, repeated: cluster.trace.repeated() });
  }, bounded(40));
});
