import { NO_COUNTS, NOTHING_SPENT } from '../../../contracts/archive-messages';
import type { ArchiveRecord, ArchiveReport } from '../../../contracts/archive';
import { FAILURES } from '../../../contracts/errors';
import { isBudgetLeft, spend } from '../../../core/planning/archive-budget';
import { afterFailure, decide, isSameVersion, verdictOn } from '../../../core/planning/archive-decisions';
import { nameForDisplay, resultFolderName, whyPassedOver } from '../../../core/planning/archive-names';
import { countWords, reportText, sortEntries } from '../../../core/pipeline/archive-report';

const record = (change: Partial<ArchiveRecord> = {}): ArchiveRecord => ({ schemaVersion: 1, name: 'a.mp4', bytes: 10, version: '1', videoId: 'a'.repeat(64), seconds: 1, state: 'done', failures: 0, failure: null, reason: null, jobId: 'a-1', codeVersion: '3', run: 'r', ...change });

describe('names of an archive', () => {
  test.each(['a.mp4', 'A.MKV', 'talks/2026/x.webm', 'ä ö/日本.mov', '-y.mp4', 'http:x.mp4', 'a.tar.ts', '\u{1F3AC}.mp4'])('%s is taken', (name) => expect(whyPassedOver(name)).toBeNull());

  test.each([
    ['notes.txt', 'not a video'], ['mp4', 'not a video'], ['list.m3u8', 'playlist'], ['x.mpd', 'playlist'], ['x.ffconcat', 'playlist'],
    ['.hidden.mp4', 'hidden'], ['.git/a.mp4', 'hidden'], ['a.mp4-vamg/overlay.mp4', 'result of vamg'], ['a.mp4-vamg.partial-0123abcd/overlay.mp4', 'result of vamg'],
    ['../a.mp4', 'dots'], ['a/../b.mp4', 'dots'], ['a//b.mp4', 'empty parts'], ['/a.mp4', 'empty parts'],
    ['a\u001b[31m.mp4', 'control characters'], ['a\n.mp4', 'control characters'], ['a\\b.mp4', 'backslashes'], ['a\uFFFD.mp4', 'Unicode'], ['a\uD800.mp4', 'Unicode'],
    [`${'x'.repeat(240)}.mp4`, 'too long'], [`${'ä'.repeat(120)}.mp4`, 'too long'], [`${'d/'.repeat(600)}a.mp4`, 'too long'],
  ])('%j is passed over', (name, why) => expect(whyPassedOver(name)).toContain(why));

  test('results lie beside each other without collisions, and names are shown without control characters', () => {
    expect([resultFolderName('x/a.mp4'), resultFolderName('x/a.mkv')]).toEqual(['x/a.mp4-vamg', 'x/a.mkv-vamg']);
    expect(nameForDisplay('a\u001b[31m')).toBe('a?[31m');
    expect(nameForDisplay('gpj.\u202E4pm\u2066.mp4\u2028\n😀')).toBe('gpj.?4pm?.mp4??😀');
  });
});

describe('the budget', () => {
  const none = { videos: null, seconds: null, bytes: null };
  test('no limit is no limit; each limit counts alone; the last video may go over it', () => {
    const spent = spend(spend(NOTHING_SPENT, { seconds: 100, bytes: 5 }), { seconds: 50, bytes: 6 });
    expect(spent).toEqual({ videos: 2, seconds: 150, bytes: 11 });
    expect(isBudgetLeft(none, spent)).toBe(true);
    expect([isBudgetLeft({ ...none, videos: 2 }, spent), isBudgetLeft({ ...none, videos: 3 }, spent)]).toEqual([false, true]);
    expect([isBudgetLeft({ ...none, seconds: 150 }, spent), isBudgetLeft({ ...none, seconds: 151 }, spent)]).toEqual([false, true]);
    expect([isBudgetLeft({ ...none, bytes: 11 }, spent), isBudgetLeft({ ...none, bytes: 12 }, spent)]).toEqual([false, true]);
    expect(isBudgetLeft({ ...none, seconds: 1 }, NOTHING_SPENT)).toBe(true);
  });
});

describe('what is done with a video', () => {
  const policy = { retryQuarantined: false, redoOutdated: false };
  const ask = (known: ArchiveRecord | null, change: Partial<Parameters<typeof decide>[0]> = {}) => decide({ record: known, policy, codeVersion: '3', isPublished: true, ...change });

  test('new and unfinished ones are processed, done ones skipped while their result is there', () => {
    expect([ask(null), ask(record({ state: 'seen' })), ask(record({ state: 'failed' })), ask(record())]).toEqual(['process', 'process', 'process', 'skip']);
    expect(ask(record(), { isPublished: false })).toBe('process');
  });

  test('an older version of the code is good enough unless asked for', () => {
    expect(ask(record(), { codeVersion: '4' })).toBe('skip');
    expect(ask(record(), { codeVersion: '4', policy: { ...policy, redoOutdated: true } })).toBe('process');
    expect(ask(record(), { policy: { ...policy, redoOutdated: true } })).toBe('skip');
  });

  test('quarantine holds until it is lifted', () => {
    expect(ask(record({ state: 'quarantined' }))).toBe('still-quarantined');
    expect(ask(record({ state: 'quarantined' }), { policy: { ...policy, retryQuarantined: true } })).toBe('process');
  });

  test('a record speaks of the bytes that it was written for', () => {
    expect([isSameVersion(null, record()), isSameVersion(record(), record()), isSameVersion(record(), { bytes: 11, version: '1' }), isSameVersion(record(), { bytes: 10, version: '2' })]).toEqual([false, true, false, false]);
  });

  test('every failure of the catalogue has a verdict, and only input failures are a video\'s own', () => {
    const own = Object.keys(FAILURES).filter((name) => verdictOn(name) === 'video');
    expect(own.sort()).toEqual(['PoisonChunk', 'PoisonImage', 'PoisonVideo']);
    expect([verdictOn('BadConfig'), verdictOn('SetupMissing'), verdictOn('StoreUnavailable'), verdictOn('InferenceFailed'), verdictOn('TypeError')]).toEqual(['setup', 'setup', 'passing', 'perhaps', 'perhaps']);
  });

  test('quarantine: at once for poison, after some runs for the unexplained, never for what passes', () => {
    expect(afterFailure(0, 'PoisonVideo', 3)).toEqual({ state: 'quarantined', failures: 1 });
    expect(afterFailure(0, 'InferenceFailed', 3)).toEqual({ state: 'failed', failures: 1 });
    expect(afterFailure(2, 'InferenceFailed', 3)).toEqual({ state: 'quarantined', failures: 3 });
    expect(afterFailure(2, 'StoreUnavailable', 3)).toEqual({ state: 'failed', failures: 2 });
  });
});

describe('the report', () => {
  const entry = (name: string, state: ArchiveReport['videos'][number]['state'], change: object = {}) => ({ name, state, failure: null, reason: null, jobId: null, seconds: null, bytes: null, objects: null, ...change });
  const report: ArchiveReport = {
    schemaVersion: 1, run: '2026-11-18t02-30-00z-1a2b3c4d', night: '2026-11-18T02:30:00Z', startedAt: '2026-11-18T02:31:00.000Z', endedAt: '2026-11-18T03:31:00.000Z', endedBy: 'budget', failure: null,
    counts: { ...NO_COUNTS, done: 1, skipped: 7, quarantined: 1, left: 2 }, spent: { videos: 2, seconds: 5400, bytes: 3e9 },
    videos: sortEntries([entry('b.mp4', 'done', { objects: 4, jobId: 'b-1' }), entry('a.mp4', 'quarantined', { failure: 'PoisonVideo', reason: 'The video a.mp4 holds no frames.' })]),
  };

  test('says the night, the counts, what needs attention first', () => {
    expect(reportText(report)).toEqual([
      'Archive run 2026-11-18t02-30-00z-1a2b3c4d, due 2026-11-18T02:30:00Z',
      '1 done, 7 skipped (done before), 1 quarantined, 2 left for the next run.',
      '2 videos started, 1.50 hours, 3.00 GB. The budget of this run is used up; the next run goes on with the rest.',
      '',
      'quarantined  a.mp4  (PoisonVideo: The video a.mp4 holds no frames.)',
      'done         b.mp4  (4 objects, job b-1)',
    ]);
    expect(reportText(report, 1).at(-1)).toBe('... and 1 more');
    expect(countWords(NO_COUNTS)).toBe('no videos');
  });
});
