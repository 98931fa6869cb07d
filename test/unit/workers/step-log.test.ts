import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createStepLog } from '../../../workers/step-log';
import { subjectOf } from '../../../workers/step-subject';

const VIDEO = 'a'.repeat(64);

describe('what a step is about', () => {
  it.each<[string, unknown, object]>([
    ['track', { job: {}, videoId: VIDEO, chunk: 0 }, { video: VIDEO, chunk: 1 }],
    ['match', { job: {}, videoId: VIDEO, chunk: 2 }, { video: VIDEO, border: 3 }],
    ['detect', { job: {}, chunk: 4 }, { chunk: 5 }],
    ['probe', { job: {}, videoId: '/home/user/film.mp4', chunk: '1' }, {}],
    ['probe', null, {}],
  ])('%s %j', (stage, input, subject) => expect(subjectOf(stage, [input])).toEqual(subject));
});

describe('log lines of a step', () => {
  it('say video, chunk, stage, attempt, workflow and run, and when it starts and ends; never the token that would end it', async () => {
    const lines: Record<string, unknown>[] = [];
    const write = (message: string, meta?: Record<string, unknown>): void => void lines.push({ message, ...meta });
    const logger = { log: () => undefined, trace: write, debug: write, info: write, warn: write, error: write };
    const env = new MockActivityEnvironment({ activityType: 'track', attempt: 2 }, { logger, interceptors: [createStepLog] });
    await env.run(async (_input: object) => Context.current().log.warn('inside'), { job: {}, videoId: VIDEO, chunk: 3 });
    const [started, inside, done] = ['step started', 'inside', 'step done'].map((message) => lines.find((line) => line['message'] === message)!);
    for (const line of [started, inside, done]) {
      expect(line).toMatchObject({ video: VIDEO, chunk: 4, stage: 'track', attempt: 2, workflowId: env.context.info.workflowExecution!.workflowId, runId: env.context.info.workflowExecution!.runId });
      expect(line).not.toHaveProperty('taskToken');
    }
    expect(done!['durationMs']).toBeGreaterThanOrEqual(0);
  });
});
