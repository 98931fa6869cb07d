import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { describeReport, chunkCounts, failureLines, idleQueueLine, isListed } from '../../../cli/progress/describe-report';
import { FAILURES } from '../../../contracts/errors';
import type { HeartbeatDetails, SegmentProgress } from '../../../contracts/messages';
import { adviceFor } from '../../../contracts/server-failures';
import { chunkReports, stepReport, type LocatedStep } from '../../../workers/chunk-reports';
import { waitingQueues } from '../../../workers/idle-queues';
import type { JobReport } from '../../../workers/inspect-job';
import { jobPace } from '../../../workers/job-pace';
import { runningSteps, type RunningStep } from '../../../workers/job-progress';

const heartbeat: HeartbeatDetails = { stage: 'track', chunk: 0, done: 45, total: 240, objects: 3, inferenceMs: 10, perSecond: 3, firstFrame: 480, lastFrame: 719 };

function step(overrides: Partial<LocatedStep> = {}): LocatedStep {
  return { activityId: '5', step: 'track', state: 'running', attempt: 1, details: heartbeat, heartbeatAgo: 2, worker: '7@host', taskQueue: 'vamg-inference', nextAttemptIn: null, lastFailure: null, lastFailureMessage: null, chunk: 0, ...overrides };
}

const failing = step({ step: 'detect', state: 'retrying', chunk: 1, attempt: 3, details: null, heartbeatAgo: null, nextAttemptIn: 12, lastFailure: 'StoreUnavailable', lastFailureMessage: 'The store did not answer.' });
const queued = step({ step: 'detect', state: 'queued', chunk: 2, details: null, heartbeatAgo: null, worker: null });
const workflow = (chunks: string, phase: SegmentProgress['phase'] = 'chunks'): SegmentProgress => ({ phase, paused: false, chunkCount: chunks.length, chunks, positions: 240 * chunks.length, positionsDone: 0, objects: null, startedAtMs: 0 });

describe('pending activities', () => {
  const NOW = 1_700_000_000_000;
  const at = (seconds: number) => ({ seconds: 1_700_000_000 + seconds, nanos: 0 });
  const describeWith = (...pendingActivities: object[]): WorkflowExecutionDescription => ({ taskQueue: 'films-control', raw: { pendingActivities } }) as unknown as WorkflowExecutionDescription;

  it('say who has them, since when nothing was heard, and when the next attempt is due', async () => {
    const [running, waiting] = await runningSteps(
      describeWith(
        { activityId: '5', activityType: { name: 'track' }, state: 2, attempt: 2, lastHeartbeatTime: at(-4), lastWorkerIdentity: '/opt/some where/7@host\u001b[2J', heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(heartbeat)] } },
        { activityId: '6', activityType: { name: 'render' }, state: 1, attempt: 3, nextAttemptScheduleTime: at(12), lastFailure: { message: 'line\u001b[31m one\ntwo', applicationFailureInfo: { type: 'StoreUnavailable' } }, activityOptions: { taskQueue: { name: 'elsewhere-media' } } },
      ),
      NOW,
    );
    expect(running).toMatchObject({ state: 'running', attempt: 2, heartbeatAgo: 4, worker: '7@host?[2J', taskQueue: 'films-inference', nextAttemptIn: null, details: heartbeat });
    expect(waiting).toMatchObject({ state: 'retrying', nextAttemptIn: 12, heartbeatAgo: null, worker: null, taskQueue: 'elsewhere-media', lastFailure: 'StoreUnavailable', lastFailureMessage: 'line [31m one two' });
  });

  it.each([
    ['queued', { state: 1 }],
    ['queued', { state: 1, nextAttemptScheduleTime: at(-1) }],
    ['paused', { state: 1, paused: true }],
    ['cancelling', { state: 3 }],
  ])('are %s', async (state, pending) => expect(await runningSteps(describeWith(pending), NOW)).toMatchObject([{ state, attempt: 1 }]));

  it.each([
    ['WorkerLost', { timeoutFailureInfo: { timeoutType: 4 } }],
    ['TimedOut', { timeoutFailureInfo: { timeoutType: 1 } }],
    ['HandedBack', { canceledFailureInfo: {} }],
    ['Internal', { applicationFailureInfo: { type: 'TypeError' } }],
    ['Internal', {}],
  ])('name what the server says of them: %s', async (lastFailure, info) => {
    const [found] = await runningSteps(describeWith({ state: 1, lastFailure: { message: 'x', ...info } }), NOW);
    expect(found).toMatchObject({ lastFailure });
    expect(found!.lastFailureMessage).not.toBe('');
  });
});

describe('chunk by chunk', () => {
  it('a row for each, with its step; numbers from 1', () => {
    const rows = chunkReports('tddwT', [step(), failing, queued], null);
    expect(rows.map(({ chunk, state }) => `${chunk} ${state}`)).toEqual(['1 tracking', '2 detecting', '3 detecting', '4 waiting', '5 tracked']);
    expect(rows.filter(isListed).map(({ chunk }) => chunk)).toEqual([1, 2, 3]);
    expect(rows[0]).toMatchObject({ frames: [480, 719], step: { step: 'track', state: 'running', done: 45, total: 240, perSecond: 3, secondsLeft: 65, attempt: 1, worker: '7@host', heartbeatAgo: 2, failure: null } });
    expect(rows[1]).toMatchObject({ frames: null, step: { state: 'retrying', attempt: 3, done: null, failure: { name: 'StoreUnavailable', message: 'The store did not answer.', advice: FAILURES.StoreUnavailable.advice, nextAttemptIn: 12 } } });
    expect(rows[3]!.step).toBeNull();
  });

  it('only those with a step while no control worker answers; steps of the whole job have no row', () => {
    expect(chunkReports(null, [failing, step(), step({ step: 'match', chunk: null })], null).map(({ chunk, state }) => `${chunk} ${state}`)).toEqual(['1 tracking', '2 detecting']);
  });

  it('the chunk that ended the job has failed, whatever the letters say', () => {
    const report = { ...stepReport(failing), state: 'failed' as const };
    expect(chunkReports('Td', [], { chunk: 1, report })[1]).toMatchObject({ state: 'failed', step: { step: 'detect', state: 'failed' } });
    expect(chunkReports(null, [], { chunk: 4, report })).toMatchObject([{ chunk: 5, state: 'failed' }]);
  });

  it('no rate before one is known, nor for a step that does not run', () => {
    expect(stepReport(step({ details: { ...heartbeat, perSecond: 0 } }))).toMatchObject({ perSecond: null, secondsLeft: null });
    expect(stepReport(step({ state: 'queued' }))).toMatchObject({ perSecond: null, secondsLeft: null, done: 45 });
  });
});

describe('the pace of a job', () => {
  const at = (name: string, done: number, total: number, perSecond: number, state: RunningStep['state'] = 'running') => ({ step: name, state, details: { ...heartbeat, done, total, perSecond } });

  it('sums what all its steps do: half a chunk is detecting, half tracking', () => {
    // 3 of 240 frames tracked and 1 of 30 detection frames a second: (3/240 + 1/30) / 2 chunks = 5.5 of 960 frames.
    const pace = jobPace(workflow('tdww'), 0.25, [at('track', 0, 240, 3), at('detect', 0, 30, 1), at('detect', 0, 30, 9, 'queued')]);
    expect(pace.framesPerSecond).toBeCloseTo(5.5);
    expect(pace.secondsLeft).toBe(Math.round((0.75 * 960) / 5.5));
  });

  it('of drawing, while it draws', () => {
    const pace = jobPace(workflow('DrTT', 'render'), 1, [at('render', 60, 240, 12)]);
    expect(pace).toEqual({ framesPerSecond: 12, secondsLeft: Math.round((2.75 * 240) / 12) });
  });

  it.each([['other phases', workflow('TT', 'match'), [at('track', 0, 240, 3)]], ['nothing that advances', workflow('dw'), [at('detect', 0, 30, 0)]], ['no answer', null, []]] as const)('is not known for %s', (_what, state, steps) => {
    expect(jobPace(state, 0.5, steps)).toEqual({ framesPerSecond: null, secondsLeft: null });
  });
});

describe('queues that wait', () => {
  const description = (pendingWorkflowTask: object | null = null) => ({ taskQueue: 'vamg-control', raw: { pendingWorkflowTask } }) as unknown as WorkflowExecutionDescription;

  it('are those of queued steps, unless a step of the same queue is heard of', () => {
    expect(waitingQueues(description(), [queued, failing], false)).toEqual([{ taskQueue: 'vamg-inference', kind: 'activity' }]);
    expect(waitingQueues(description(), [queued, step()], false)).toEqual([]);
    expect(waitingQueues(description(), [queued, step({ heartbeatAgo: 200 })], false)).toHaveLength(1);
  });

  it('and that of the workflow itself', () => {
    const control = [{ taskQueue: 'vamg-control', kind: 'workflow' }];
    expect(waitingQueues(description({ scheduledTime: {} }), [], false)).toEqual(control);
    expect(waitingQueues(description({ startedTime: { seconds: 1 } }), [], false)).toEqual([]);
    expect(waitingQueues(description(), [], true)).toEqual(control);
  });
});

describe('vamg status in words', () => {
  const report: JobReport = { id: 'a', status: 'running', workflow: workflow('tddwT'), steps: [], fraction: 0.25, framesPerSecond: 5.5, secondsLeft: 131, chunks: chunkReports('tddwT', [step(), failing, queued], null), others: [], idleQueues: [], failure: null };

  it('counts chunks, lists those with a step, and says under a failing one why and what to do', () => {
    const text = describeReport(report, false).join('\n');
    expect(text).toContain('  pace    5.5 frames/s, about 2 min 11 s left of this phase');
    expect(text).toContain('  chunks  1 tracked, 1 at work, 1 waiting for a worker, 1 failing, 1 not begun');
    expect(text).toMatch(/^ {2}1 +480-719 +track +at work +45 of 240 +3\.0 frames\/s +1 min 05 s +1 +2 s ago +7@host$/m);
    expect(text).toMatch(/^ {2}2 +- +detect +again in 12 s .* 3 +- +7@host\n +StoreUnavailable: The store did not answer\.\n +what to do: Bring the store back/m);
    expect(text).toMatch(/^ {2}3 +- +detect +waits for a worker/m);
    expect(text).not.toMatch(/^ {2}4 /m);
  });

  it('lists all chunks when asked', () => {
    expect(describeReport(report, true).join('\n')).toMatch(/^ {2}4 +- +- +not begun\n {2}5 +- +- +tracked$/m);
  });

  it('shows steps of the whole job without a chunk, and no table when nothing runs', () => {
    expect(describeReport({ ...report, chunks: [], others: [stepReport(step({ step: 'publish', details: { ...heartbeat, total: 0, done: 3 } }))] }, false).join('\n')).toMatch(/^ {2}- +- +publish +at work +3 /m);
    expect(describeReport({ ...report, workflow: null, chunks: [] }, false)).toEqual(['  no worker answers at the moment']);
  });

  it('has advice for every failure there is', () => {
    for (const name of [...Object.keys(FAILURES), 'WorkerLost', 'TimedOut', 'HandedBack']) expect(failureLines({ name, message: 'x', advice: adviceFor(name) })[1]).toMatch(/^what to do: [A-Z].{15,}[.:]?/);
    expect(adviceFor('toString')).toBe(FAILURES.Internal.advice);
  });

  it('gives the command that starts a missing worker, with the prefix of its queue', () => {
    expect(idleQueueLine({ role: 'inference', taskQueue: 'vamg-inference' }, 'vamg')).toContain('`vamg worker --role inference`');
    expect(idleQueueLine({ role: 'media', taskQueue: 'films-media' }, 'vamg')).toContain('`VAMG_QUEUE_PREFIX=films vamg worker --role media`');
  });

  it('says that a chunk of a chain waits for the one before it', () => {
    expect(chunkCounts(chunkReports('tdw', [step()], null))).toBe('1 at work, 1 waiting for the chunk before, 1 not begun');
  });
});
