import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { loadConfig } from '../../workers/config';
import { ArchiveSchedules, type CreateScheduleRequest } from '../../workers/archive-schedules';
import { archiveInput, withArchiveWorkers } from './support/archive-harness';
import { FakeArchive } from './support/fake-archive';
import { eventually } from './support/segment-harness';
import { startTestServer } from './support/test-server';

const SETTINGS = { ...loadConfig({}).temporal.schedules, jitter: '0s' };
const about = { source: 's3://films', dest: 's3://masks' };

describe('schedules on a real server', () => {
  let env: TestWorkflowEnvironment;
  let bundle: WorkflowBundleOption;
  const input = archiveInput();
  let schedules: ArchiveSchedules;

  const request = (name: string, change: Partial<CreateScheduleRequest> = {}): CreateScheduleRequest => ({ name, times: { kind: 'daily', hour: 2, minute: 30, days: [] }, settings: SETTINGS, input, about, isPaused: false, ...change });

  beforeAll(async () => {
    const silent = (): void => undefined;
    bundle = await bundleWorkflowCode({ workflowsPath: path.join(__dirname, 'support', 'archive-workflows.ts'), logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent } });
    env = await startTestServer();
    schedules = new ArchiveSchedules({ client: env.client, queuePrefix: input.queuePrefix ?? '' });
  });
  afterAll(async () => await env?.teardown());

  const whenIdle = async (name: string, taken: number): Promise<void> =>
    await eventually(async () => {
      const { taken: now, running } = await schedules.show(name);
      return now >= taken && running.length === 0;
    }, 60_000);

  test('the settings that were asked for are the settings that the server shows', async () => {
    const paris = { overlap: 'BUFFER_ONE', catchupWindow: '6h', jitter: '5m', timezone: 'Europe/Paris', pauseOnFailure: false } as const;
    expect(await schedules.create(request('settings', { settings: paris }))).toBe('created');
    expect(await schedules.show('settings')).toMatchObject({ ...about, paused: false, taken: 0, settings: { overlap: 'BUFFER_ONE', catchupWindowMs: 6 * 3600_000, jitterMs: 300_000, timezone: 'Europe/Paris', pauseOnFailure: false } });
    const hours = (await schedules.show('settings')).next.map((time) => new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Paris', hour: '2-digit', minute: '2-digit' }).format(new Date(time)));
    for (const hour of hours) expect(hour).toMatch(/^02:3[0-5]$/);
    await schedules.pause('settings', 'holidays');
    expect(await schedules.create(request('settings', { times: { kind: 'every', everyMs: 6 * 3600_000 } }))).toBe('updated');
    expect(await schedules.show('settings')).toMatchObject({ paused: true, note: 'holidays', settings: { overlap: 'SKIP', catchupWindowMs: 12 * 3600_000, timezone: 'UTC', pauseOnFailure: true } });
    await eventually(async () => (await schedules.list()).some(({ name, paused, source }) => name === 'settings' && paused && source === 's3://films'));
    await schedules.delete('settings');
    await expect(schedules.show('settings')).rejects.toMatchObject({ failure: 'NotFound' });
  });

  test('cron times, days of the week', async () => {
    await schedules.create(request('cron', { times: { kind: 'cron', expression: '15 3 * * mon' } }));
    await schedules.create(request('days', { times: { kind: 'daily', hour: 3, minute: 15, days: ['MONDAY'] } }));
    const [cron, days] = [await schedules.show('cron'), await schedules.show('days')];
    expect(cron.next).toEqual(days.next);
    for (const time of cron.next) expect([new Date(time).getUTCDay(), time.slice(11, 16)]).toEqual([1, '03:15']);
  });

  test('a run is named by the time for which it was due: triggered, and made up for', async () => {
    const archive = new FakeArchive([{ name: 'night-1', does: 'ok' }]);
    await schedules.create(request('nightly'));
    await withArchiveWorkers({ env, workflowBundle: bundle, archive }, input, async () => {
      const id = await schedules.trigger('nightly');
      await whenIdle('nightly', 1);
      const night = /^nightly-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(id)?.[1];
      expect(archive.reports.map((report) => report.night)).toEqual([night]);
      expect(archive.reports[0]?.run).toMatch(new RegExp(`^${night?.toLowerCase().replaceAll(':', '-')}-[0-9a-f]{8}$`));
      expect(await schedules.backfill('nightly', new Date('2026-01-05T00:00:00Z'), new Date('2026-01-07T23:59:00Z'))).toBe(3);
      await whenIdle('nightly', 4);
      expect(archive.reports.slice(1).map((report) => report.night)).toEqual(['2026-01-05T02:30:00Z', '2026-01-06T02:30:00Z', '2026-01-07T02:30:00Z']);
      expect((await schedules.show('nightly')).recent.at(-1)?.id).toBe('nightly-2026-01-07T02:30:00Z');
    });
  });

  test('a time in which no run was due is said', async () => {
    await schedules.create(request('empty'));
    const quick = new ArchiveSchedules({ client: env.client, queuePrefix: input.queuePrefix ?? '', verifyMs: 500 });
    await expect(quick.backfill('empty', new Date('2026-01-05T03:00:00Z'), new Date('2026-01-05T04:00:00Z'))).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('no due time') as string });
  });

  test('a pause is not lost when a backfill follows at once, which without waiting it sometimes is', async () => {
    for (let i = 0; i < 5; i++) {
      const name = `race-${i}`;
      await schedules.create(request(name));
      await schedules.pause(name, 'for the race');
      expect(await schedules.backfill(name, new Date('2026-01-05T00:00:00Z'), new Date('2026-01-06T23:00:00Z'))).toBe(2);
      expect((await schedules.show(name)).paused).toBe(true);
      await schedules.resume(name, 'over');
      expect((await schedules.show(name)).paused).toBe(false);
    }
  });

  test('a run that fails pauses the schedule; videos that fail do not', async () => {
    const archive = new FakeArchive([{ name: 'sick-1', does: 'fail:PoisonVideo' }]);
    const broken = new FakeArchive([{ name: 'sick-2', does: 'fail:SetupMissing' }]);
    await schedules.create(request('sick'));
    await withArchiveWorkers({ env, workflowBundle: bundle, archive }, input, async () => {
      await schedules.trigger('sick');
      await whenIdle('sick', 1);
      expect((await schedules.show('sick')).paused).toBe(false);
    });
    await withArchiveWorkers({ env, workflowBundle: bundle, archive: broken }, input, async () => {
      await schedules.trigger('sick');
      await eventually(async () => (await schedules.show('sick')).paused, 30_000);
      expect((await schedules.show('sick')).note).toContain('failure');
    });
  });

  test('a second run is not started beside the first; unknown names and bad ones are said', async () => {
    await schedules.create(request('busy'));
    await schedules.trigger('busy');
    await expect(schedules.trigger('busy')).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('on its way') as string });
    const works = [() => schedules.show('nobody'), () => schedules.pause('nobody', ''), () => schedules.trigger('nobody'), () => schedules.delete('nobody')];
    for (const work of works) await expect(work()).rejects.toMatchObject({ failure: 'NotFound' });
    await expect(schedules.create(request('Not OK'))).rejects.toMatchObject({ failure: 'BadConfig' });
  });
});
