import { existsSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { ApplicationFailure } from '@temporalio/common';
import { keyOfCorrected } from '../../../adapters/results/corrected-result';
import { CorrectionRecords } from '../../../adapters/results/correction-records';
import { trailText } from '../../../adapters/results/edit-trail';
import { jobSpecSchema } from '../../../contracts/artefacts';
import type { TrailLine } from '../../../contracts/edits';
import { resolveSegmentOptions } from '../../../contracts/segment-options';
import { deriveJobId } from '../../../cli/job/job-id';
import { INFO } from '../activities/activity-world';
import { ArchiveWorld } from './archive-world';

let world: ArchiveWorld;
beforeEach(async () => {
  world = new ArchiveWorld();
  await world.open();
});
afterEach(() => world.dispose());

const states = (report: { videos: readonly { name: string; state: string }[] }): string[] => report.videos.map(({ name, state }) => `${name} ${state}`);

describe('runs through an archive', () => {
  test('the first run publishes, quarantines what is no video and passes over the rest; the second one reads nothing', async () => {
    world.put('a.mp4', 'aaa');
    world.put('sub/b b.mkv', 'bbb');
    world.put('bad.mp4', 'rubbish');
    world.put('notes.txt', 'text');
    const first = await world.run('r1');
    expect(first.page).toMatchObject({ todo: 3, isLast: true, skipped: 0, stillQuarantined: 0, passedOver: 1 });
    expect(first.outcomes).toEqual(['done', 'quarantined', 'done']);
    expect(states(first.report)).toEqual(['bad.mp4 quarantined', 'a.mp4 done', 'sub/b b.mkv done', 'notes.txt passed-over']);
    expect(first.report.videos[0]).toMatchObject({ failure: 'PoisonVideo', reason: 'The video bad.mp4 is not a video.' });
    expect(readdirSync(world.path('out/sub/b b.mkv-vamg')).sort()).toEqual(['masks.jsonl', 'result.json']);
    expect(readFileSync(world.path('out/archive-reports/r1.txt'), 'utf8')).toContain('quarantined  bad.mp4  (PoisonVideo: The video bad.mp4 is not a video.)');
    world.probed.length = 0;
    const second = await world.run('r2');
    expect(second.page).toMatchObject({ todo: 0, skipped: 2, stillQuarantined: 1, passedOver: 1 });
    expect(states(second.report)).toEqual(['bad.mp4 still-quarantined', 'notes.txt passed-over']);
    expect(world.probed).toEqual([]);
  });

  test('other bytes under the same name are another video, also for the quarantine; a new date alone is not', async () => {
    world.put('a.mp4', 'aaa');
    world.put('bad.mp4', 'rubbish');
    await world.run('r1');
    for (const name of ['a.mp4', 'bad.mp4']) utimesSync(world.path(`films/${name}`), 5, 5);
    world.probed.length = 0;
    expect((await world.run('r2')).outcomes).toEqual(['skipped', 'still-quarantined']);
    expect((await world.plan('r3')).todo).toBe(0);
    world.put('a.mp4', 'other');
    world.put('bad.mp4', 'other rubbish');
    expect((await world.run('r4')).outcomes).toEqual(['done', 'quarantined']);
    expect(world.probed).toEqual(['a.mp4', 'bad.mp4']);
  });

  test('a result that was removed is published again; a file that was renamed is a new name with known content', async () => {
    world.put('a.mp4', 'aaa');
    await world.run('r1');
    rmSync(world.path('out/a.mp4-vamg'), { recursive: true });
    expect((await world.run('r2')).outcomes).toEqual(['done']);
    renameSync(world.path('films/a.mp4'), world.path('films/c.mp4'));
    expect((await world.run('r3')).outcomes).toEqual(['done']);
    expect(existsSync(world.path('out/c.mp4-vamg/result.json'))).toBe(true);
  });

  test('what is published has the corrections that were made since its workflow ended', async () => {
    world.put('a.mp4', 'aaa');
    await world.run('r1');
    const { sha256 } = world.jobs[0]!;
    const lines: TrailLine[] = [{ schemaVersion: 1, number: 1, time: '2026-01-01T00:00:00.000Z', version: '0', edit: { edit: 'delete', ids: [1] }, changed: { masks: 1 }, objects: 2, overlay: 'none' }];
    const text = trailText(lines);
    const files = Object.fromEntries(await Promise.all(Object.entries({ 'masks.jsonl': '', 'result.json': '{"schemaVersion":1}', 'edits.jsonl': text }).map(async ([name, content]) => [name, await world.artefacts.putData(Buffer.from(content))] as const)));
    const corrected = await world.artefacts.publishJson('correct', keyOfCorrected(sha256, text), { schemaVersion: 1, files }, { objects: 2, frames: 1 });
    expect(await new CorrectionRecords(world.objects, sha256).claim({ schemaVersion: 1, id: 'x', request: sha256, lines, objectsBefore: 3, manifest: corrected.ref })).toBe(true);
    rmSync(world.path('out/a.mp4-vamg'), { recursive: true });
    const { outcomes, report } = await world.run('r2');
    expect([outcomes, report.videos]).toMatchObject([['done'], [{ objects: 2 }]]);
    expect(readFileSync(world.path('out/a.mp4-vamg/edits.jsonl'), 'utf8')).toBe(text);
  });

  test('a failure that may be the video\'s is tried in as many runs as asked for, then left alone, and tried again on demand', async () => {
    world.put('a.mp4', 'aaa');
    world.failing.set('a-', 'InferenceFailed');
    expect((await world.run('r1')).outcomes).toEqual(['failed']);
    const second = await world.run('r2');
    expect(second.outcomes).toEqual(['quarantined']);
    expect(second.report.videos).toMatchObject([{ failure: 'InferenceFailed', reason: 'InferenceFailed on purpose' }]);
    expect((await world.run('r3')).page.stillQuarantined).toBe(1);
    world.policy = { ...world.policy, retryQuarantined: true };
    world.failing.clear();
    expect((await world.run('r4')).outcomes).toEqual(['done']);
    world.policy = { ...world.policy, retryQuarantined: false };
    expect((await world.run('r5')).page).toMatchObject({ skipped: 1, stillQuarantined: 0 });
  });

  test('a failure that passes is never counted, and recording a failure twice counts it once', async () => {
    world.put('a.mp4', 'aaa');
    world.failing.set('a-', 'StoreUnavailable');
    for (const run of ['r1', 'r2', 'r3', 'r4']) expect((await world.run(run)).outcomes).toEqual(['failed']);
    const page = await world.plan('r5');
    const failure = { archive: world.archive, run: 'r5', page: page.page, index: 0, jobId: 'a-1', failure: 'Internal', reason: 'x', quarantineAfter: 2 };
    expect(await world.call('recordArchiveFailure', failure)).toEqual({ state: 'failed' });
    expect(await world.call('recordArchiveFailure', failure)).toEqual({ state: 'failed' });
    expect(await world.call('recordArchiveFailure', { ...failure, run: 'r6' })).toEqual({ state: 'quarantined' });
  });

  test('other options are another archive: everything is looked at again', async () => {
    world.put('a.mp4', 'aaa');
    await world.run('r1');
    await world.open({ options: resolveSegmentOptions({ preset: 'draft', planning: { parallel: 9 }, device: 'cpu' }) });
    expect((await world.plan('r2')).skipped).toBe(1);
    await world.open({ options: resolveSegmentOptions({ preset: 'balanced' }) });
    expect((await world.plan('r3')).todo).toBe(1);
  });

  test('options that do not fit one video put that video aside, not the run', async () => {
    world.put('a.mp4', 'aaa');
    await world.open({ options: resolveSegmentOptions({ planning: { start: 500 } }) });
    const { outcomes, report } = await world.run('r1');
    expect(outcomes).toEqual(['quarantined']);
    expect(report.videos[0]).toMatchObject({ failure: 'BadConfig', reason: expect.stringMatching(/./) as string });
  });

  test('the job of a video is the one that vamg segment makes', async () => {
    world.put('sub/My Film.mp4', 'aaa');
    const { page } = await world.plan('r1');
    const prepared = await world.call('prepareArchiveVideo', { archive: world.archive, run: 'r1', policy: world.policy, page, index: 0 });
    if (prepared.state !== 'run') throw new Error(prepared.state);
    const spec = await world.artefacts.readJson(prepared.job, jobSpecSchema);
    expect(spec).toMatchObject({ videoName: 'My Film.mp4', videoId: prepared.videoId, firstFrameMask: null, prompts: null });
    expect(prepared.jobId).toBe(deriveJobId(spec));
    expect(prepared).toMatchObject({ seconds: 6, bytes: 3 });
    // Its first step need not read the container again.
    expect(world.promised.take(prepared.videoId)).toBe(INFO);
  });

  test('what is in the place of a result is not overwritten, and the run goes on', async () => {
    world.put('a.mp4', 'aaa');
    world.put('../out/a.mp4-vamg/mine.txt', 'x');
    const { outcomes, report } = await world.run('r1');
    expect(outcomes).toEqual(['failed']);
    expect(report.videos[0]?.reason).toContain('no result of vamg');
    expect(readdirSync(world.path('out/a.mp4-vamg'))).toEqual(['mine.txt']);
  });

  test('a file that goes away, or changes, between listing and fetching is left for the next run', async () => {
    world.put('a.mp4', 'aaa');
    const { page } = await world.plan('r1');
    world.put('a.mp4', 'longer');
    expect(await world.call('prepareArchiveVideo', { archive: world.archive, run: 'r1', policy: world.policy, page, index: 0 })).toEqual({ state: 'gone' });
  });

  test('writing the report again gives the same report, although the log is gone', async () => {
    world.put('bad.mp4', 'x');
    const { report } = await world.run('r1');
    const keys = [...world.objects.objects.keys()];
    expect(keys.filter((key) => key.includes('/runs/'))).toEqual([]);
    expect((await world.run('r1')).report).toEqual(report);
  });

  test('a source that is not there is BadConfig: nothing else would work', async () => {
    rmSync(world.path('films'), { recursive: true });
    const error = await world.plan('r1').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type: 'BadConfig', nonRetryable: true });
  });
});
