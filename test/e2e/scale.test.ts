import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { historyFigures, type HistoryFigures } from '../../bench/simulation/history';
import { Rig, writeTinyFilm } from '../../bench/simulation/rig';
import { startS3Gateway } from '../../bench/simulation/s3-gateway';
import { hashesOf } from '../../bench/simulation/scale-stores';

const temporal = process.env['TEMPORAL_CLI_PATH'] ?? '';
const versitygw = process.env['VERSITYGW_PATH'] ?? '';
const describeWithServers = temporal !== '' && versitygw !== '' ? describe : describe.skip;

const FILM = { seconds: 14, fps: 4 };
/** Four chunks, each by itself, so that workers can share them. */
const CUT = ['--chunk-frames', '20', '--overlap-frames', '6', '--detect-every', '8', '--chain-chunks', '1', '--parallel', '4'];
const WORK = { frameMs: 5, detectMs: 20 };

/** The processes are the product's but for the networks, which are a stand-in (bench/simulation). */
describeWithServers('one film (skipped without TEMPORAL_CLI_PATH and VERSITYGW_PATH)', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vamg-scale-'));
  const film = path.join(folder, 'film.mp4');
  const stops: (() => Promise<void>)[] = [];

  beforeAll(() => writeTinyFilm(process.env['FFMPEG_PATH'] || 'ffmpeg', film, FILM));
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(name: string, inferenceWorkers: number, store?: NodeJS.ProcessEnv): Promise<Rig> {
    const rig = await Rig.start(path.join(folder, name), temporal, store);
    stops.push(() => rig.stop());
    await rig.startWorker('control,media', 2);
    for (let i = 0; i < inferenceWorkers; i++) await rig.startWorker('inference', 1, WORK);
    return rig;
  }

  async function segment(rig: Rig, id: string): Promise<{ files: Record<string, string>; history: HistoryFigures }> {
    await rig.vamgOrThrow(['segment', film, '--id', id, '--out', id, ...CUT, '--json']);
    const client = await rig.client();
    const history = await historyFigures(client, `segment-${id}`);
    await client.connection.close();
    return { files: hashesOf(rig.path(id)), history };
  }

  it('gives the same files on a file store with one inference worker and on S3 with two that share it; finished, it starts again without any work', async () => {
    const one = await start('file', 1);
    const first = await segment(one, 'first');
    expect(Object.keys(first.files)).toEqual(expect.arrayContaining(['masks.jsonl', 'result.json', 'stitch-report.json', 'overlay.mp4', 'index.html']));
    expect(first.history.calls).toMatchObject({ detect: { called: 4, skipped: 0 }, track: { called: 4, skipped: 0 }, match: { called: 3 } });
    expect(first.history.inferenceWorkers).toHaveLength(1);

    const again = await segment(one, 'again');
    expect(again.files).toEqual(first.files);
    expect(again.history.calls).toEqual({ probe: { called: 1, skipped: 1 }, plan: { called: 1, skipped: 1 } });
    await one.stopWorkers();

    const gateway = await startS3Gateway(versitygw, path.join(folder, 'gateway'));
    stops.push(() => gateway.stop());
    const two = await segment(await start('s3', 2, gateway.env), 'first');
    expect(two.files).toEqual(first.files);
    expect(two.history.inferenceWorkers).toHaveLength(2);
  });
});
