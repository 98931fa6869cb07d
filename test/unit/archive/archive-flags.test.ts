import { Command } from 'commander';
import { addArchiveFlags, archiveOptions, archiveSettings, parseBytes, type ArchiveFlags } from '../../../cli/archive/archive-flags';
import { describeSchedule } from '../../../cli/schedule/describe-schedule';
import { beginOf, endOf, parseMoment } from '../../../cli/schedule/moments';
import { addScheduleFlags, readSettings, readTimes, type ScheduleFlags } from '../../../cli/schedule/schedule-flags';
import { archiveInputSchema } from '../../../contracts/archive';
import { archiveWorkflowId } from '../../../workers/archive-client';
import { loadConfig } from '../../../workers/config';

function flags(...args: string[]): ArchiveFlags & ScheduleFlags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addScheduleFlags(command);
  addArchiveFlags(command);
  return command.parse(args, { from: 'user' }).opts();
}

const defaults = loadConfig({}).temporal.schedules;

describe('flags of an archive', () => {
  test('nothing given: no budget, two videos at work, after interactive jobs', () => {
    expect(archiveSettings(flags())).toEqual({ parallel: 2, budget: { videos: null, seconds: null, bytes: null }, policy: { quarantineAfter: 3, retryQuarantined: false, redoOutdated: false }, priority: 4 });
    expect(archiveOptions(flags()).planning.parallel).toBe(2);
  });

  test('--parallel counts videos, --parallel-chunks chunks; the options of segment are there', () => {
    const given = flags('--parallel', '7', '--parallel-chunks', '5', '--preset', 'draft', '--max-hours', '1.5', '--max-bytes', '2GB', '--max-videos', '9', '--retry-quarantined', '--no-overlay');
    expect(archiveSettings(given)).toMatchObject({ parallel: 7, budget: { videos: 9, seconds: 5400, bytes: 2e9 }, policy: { retryQuarantined: true } });
    expect(archiveOptions(given)).toMatchObject({ preset: 'draft', planning: { parallel: 5 }, output: { overlay: false } });
  });

  test.each([['1', 1], ['500GB', 5e11], ['1.5 TB', 1.5e12], ['10k', 1e4]])('%s is %d bytes', (text, bytes) => expect(parseBytes(text)).toBe(bytes));
  test.each(['', '0', '-1', '5 apples', '9999999TB'])('%j is no size', (text) => expect(() => parseBytes(text)).toThrow('500GB'));

  test('what is written down of a run is what its workflow is told', () => {
    const input = { schemaVersion: 1, archive: { key: `v1/data/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), bytes: 1 }, archiveKey: 'k', ...archiveSettings(flags()), video: { parallel: 2, overlay: true, viewer: true, model: 'm' }, queuePrefix: 'vamg', searchAttributes: false, priorityKey: 4 };
    const { priority, ...plain } = input;
    expect(priority).toBe(4);
    expect(archiveInputSchema.parse(plain)).toEqual(plain);
  });

  test('runs of schedules have the due time in their ID', () => {
    expect(archiveWorkflowId('nightly-2026-11-18T02:30:00Z')).toBe('archive-nightly-2026-11-18T02:30:00Z');
    for (const id of ['', 'A', 'x/y', 'nightly-2026-11-18T02:30', 'x'.repeat(200)]) expect(() => archiveWorkflowId(id)).toThrow(expect.objectContaining({ failure: 'BadConfig' }) as Error);
  });
});

describe('flags of a schedule', () => {
  test('times', () => {
    expect(readTimes(flags())).toEqual({ kind: 'daily', hour: 2, minute: 30, days: [] });
    expect(readTimes(flags('--at', '9:05', '--on', 'mon,Thursday'))).toEqual({ kind: 'daily', hour: 9, minute: 5, days: ['MONDAY', 'THURSDAY'] });
    expect(readTimes(flags('--every', '6h'))).toEqual({ kind: 'every', everyMs: 6 * 3600_000 });
    expect(readTimes(flags('--cron', ' 30 2 * *  mon '))).toEqual({ kind: 'cron', expression: '30 2 * *  mon' });
    for (const wrong of [['--at', '1:00', '--every', '6h'], ['--every', '5s'], ['--cron', '* * *'], ['--cron', '1 2 * * *', '--on', 'mon']]) expect(() => readTimes(flags(...wrong))).toThrow(expect.objectContaining({ failure: 'BadConfig' }) as Error);
  });

  test('settings come from temporal.yaml unless given', () => {
    expect(readSettings(flags(), defaults)).toEqual({ overlap: 'SKIP', catchupWindow: '12h', jitter: '10m', timezone: 'UTC', pauseOnFailure: true });
    const given = flags('--overlap', 'BUFFER_ONE', '--catchup', '2d', '--jitter', '0s', '--timezone', 'europe/berlin', '--no-pause-on-failure');
    expect(readSettings(given, defaults)).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: '2d', jitter: '0s', timezone: 'Europe/Berlin', pauseOnFailure: false });
    expect(() => readSettings(flags('--catchup', '5s'), defaults)).toThrow('10s or more');
  });

  test.each([['2026-11-18T02:30', '2026-11-18T02:30:00.000Z'], ['2026-11-18T02:30+01:00', '2026-11-18T01:30:00.000Z'], ['2026-11-18T02:30:05Z', '2026-11-18T02:30:05.000Z']])('%s is %s, as a beginning and as an end', (text, iso) => {
    const moment = parseMoment(text);
    expect([beginOf(moment, 'Asia/Tokyo').toISOString(), endOf(moment, 'Asia/Tokyo').toISOString()]).toEqual([iso, iso]);
  });

  test.each([
    ['2026-11-18', 'UTC', '2026-11-18T00:00:00.000Z', '2026-11-18T23:59:59.000Z'],
    ['2026-11-18', 'Europe/Berlin', '2026-11-17T23:00:00.000Z', '2026-11-18T22:59:59.000Z'],
    ['2026-11-18', 'Asia/Tokyo', '2026-11-17T15:00:00.000Z', '2026-11-18T14:59:59.000Z'],
    ['2026-11-18', 'America/New_York', '2026-11-18T05:00:00.000Z', '2026-11-19T04:59:59.000Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.000Z'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.000Z'],
  ])('the day %s in %s is from %s to %s', (text, zone, begin, end) => {
    expect([beginOf(parseMoment(text), zone).toISOString(), endOf(parseMoment(text), zone).toISOString()]).toEqual([begin, end]);
  });

  test.each(['', 'today', '2026-13-01', '18.11.2026', '2026-11-18 02:30'])('%j is no moment', (text) => expect(() => parseMoment(text)).toThrow('a day or time'));

  test('a schedule in words', () => {
    const status = { name: 'nightly', paused: true, note: 'new disks', source: 's3://a', dest: 's3://b', next: [], running: [], recent: [{ id: 'nightly-2026-11-18T02:30:00Z', started: '2026-11-18T07:00:00.000Z' }], taken: 4, missedCatchup: 1, skippedOverlap: 0, settings: { overlap: 'SKIP', catchupWindowMs: 43_200_000, pauseOnFailure: true, jitterMs: null, timezone: null } };
    const text = describeSchedule(status).join('\n');
    for (const words of ['nightly: paused (new disks)', 'none while paused', 'catch-up 12 h 00 min', 'jitter none', '1 missed in outages', 'nightly-2026-11-18T02:30:00Z']) expect(text).toContain(words);
  });
});
