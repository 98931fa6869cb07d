import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtefactStore } from '../../../adapters/store/artefact-store';
import { sha256Hex } from '../../../adapters/store/hash-file';
import { openStore } from '../../../adapters/store/open-store';
import { CODE_VERSION, type JobSpec } from '../../../contracts/artefacts';
import { resolveSegmentOptions } from '../../../contracts/segment-options';
import { canonicalJson } from '../../../core/pipeline/canonical-json';
import { planVideo } from '../../../core/pipeline/plan-video';
import { planKey, probeKey, StageKeys } from '../../../core/pipeline/stage-keys';
import { JobRecords } from '../../../cli/job/job-record';
import { main } from '../../../cli/main';
import { INFO } from '../activities/activity-world';

let folder: string;
let store: ArtefactStore;
let spec: JobSpec;
let printed = { out: '', err: '' };
const at = (name: string): string => path.join(folder, name);

/** A store with everything that stitching reads of a job of three chunks, and the result folder of that job. */
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'vamg-restitch-'));
  process.env['VAMG_HOME'] = at('home');
  process.env['VAMG_STORE'] = at('store');
  printed = { out: '', err: '' };
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed.out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((printed.err += String(text)), true));
  const opened = await openStore(at('store'));
  store = new ArtefactStore(opened.store, at('scratch'));
  writeFileSync(at('film.mp4'), 'film');
  const { videoId } = await opened.sources.register(at('film.mp4'));
  const options = resolveSegmentOptions({ planning: { chunkFrames: 30, overlapFrames: 8, chainChunks: 1 } });
  spec = { schemaVersion: 1, videoId, videoName: 'film.mp4', options, model: { name: 'mobilesam', sha256: 'm' }, firstFrameMask: null, prompts: null, codeVersion: CODE_VERSION };
  const plan = planVideo(INFO, [], options);
  const keys = new StageKeys(spec, plan, sha256Hex);
  await store.publishJson('probe', probeKey(spec, sha256Hex), { info: INFO }, {});
  await store.publishJson('plan', planKey(spec, sha256Hex), plan, {});
  for (const { index } of plan.chunks) await store.publishJson('track', keys.track(index), { tracks: index }, {});
  await writeResult();
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  delete process.env['VAMG_STORE'];
  process.exitCode = undefined;
});

async function writeResult(change: Partial<JobSpec> = {}, more: Record<string, unknown> = {}): Promise<void> {
  const job = await store.putData(Buffer.from(canonicalJson({ ...spec, ...change })));
  mkdirSync(at('result'), { recursive: true });
  writeFileSync(at('result/result.json'), JSON.stringify({ schemaVersion: 1, video: { id: spec.videoId, name: 'film.mp4' }, counts: { objects: 3 }, job, ...more }));
  writeFileSync(at('result/masks.jsonl'), '');
}

async function removeTracks(count: number): Promise<void> {
  let left = count;
  for await (const { key } of store.objects.list('v1/track/')) if (left-- > 0) await store.objects.remove(key);
}

async function restitch(...flags: string[]): Promise<string> {
  const code = await main(['restitch', at('result'), ...flags]);
  expect(printed.out).toBe('');
  expect(printed.err.trim().split('\n')).toHaveLength(1);
  return `${code} ${printed.err}`;
}

describe('vamg restitch says what is wrong before anything is started:', () => {
  it('a folder that is no result', async () => {
    rmSync(at('result/result.json'));
    expect(await restitch()).toMatch(/^2 vamg: .*is not a result folder/);
  });

  it('a job that is not in this store', async () => {
    expect(await restitch('--store', at('other'))).toMatch(/^2 .*is not in the store; name its store with --store/);
  });

  it('tracks that are gone, counted', async () => {
    await removeTracks(2);
    expect(await restitch('--reidentify')).toMatch(/^2 .*The tracks of 2 of 3 chunks are no longer in the store.*`vamg segment`/);
  });

  it('tracks whose data is gone', async () => {
    const plan = planVideo(INFO, [], spec.options);
    const { ref } = await store.need('track', new StageKeys(spec, plan, sha256Hex).track(1));
    await store.objects.remove(ref.key);
    expect(await restitch()).toMatch(/^2 .*The tracks of 1 of 3 chunks/);
  });

  it('a plan that is gone', async () => {
    await store.objects.remove(`v1/plan/${planKey(spec, sha256Hex)}.json`);
    expect(await restitch()).toMatch(/^2 .*cut into is no longer in the store/);
  });

  it('a video that is gone, which only the films need', async () => {
    rmSync(at('film.mp4'));
    expect(await restitch()).toMatch(/^2 .*no longer where it was.*--video FILE.*--no-overlay --no-viewer/);
  });

  it('another video in its place', async () => {
    writeFileSync(at('other.mp4'), 'another film');
    expect(await restitch('--video', at('other.mp4'))).toMatch(/^2 .*--video other\.mp4 is not the video/);
  });

  it('a result of another version of the code', async () => {
    await writeResult({ codeVersion: '0' });
    expect(await restitch()).toMatch(/^2 .*another version of vamg/);
  });

  it('a target that is something else', async () => {
    mkdirSync(at('photos'));
    writeFileSync(at('photos/a.jpg'), '');
    expect(await restitch('--out', at('photos'))).toMatch(/^2 .*is not overwritten/);
  });

  it.each(['--points-per-side', '--chunk-frames', '--detect-every'])('%s, which would need inference', async (flag) => {
    expect(await restitch(flag, '9')).toContain(`Unknown option '${flag}'`);
  });

  it('a threshold out of range', async () => expect(await restitch('--stitch-iou-thresh', '2')).toMatch(/^2 .*from 0 to 1/));
});

describe('a result that does not name its job', () => {
  beforeEach(async () => writeResult({}, { job: undefined }));

  it('is that of the newest job that wrote to its place', async () => {
    await removeTracks(1);
    const job = await store.putData(Buffer.from(canonicalJson(spec)));
    const record = { schemaVersion: 1, id: 'film-1', input: at('film.mp4'), videoName: 'film.mp4', videoId: spec.videoId, out: at('result'), job, store: at('store'), createdAtMs: 1, state: 'done', ownerPid: null } as const;
    await new JobRecords(at('home')).save(record);
    process.env['VAMG_STORE'] = at('elsewhere');
    // The record's store was opened, or the job would not have been found.
    expect(await restitch()).toMatch(/The tracks of 1 of 3 chunks/);
  });

  it('cannot be stitched again without one', async () => {
    expect(await restitch()).toMatch(/^2 .*does not say which job made it/);
  });
});
