import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowBundle } from '../../workers/bundle';
import { loadHistories } from './load-histories';

const histories = loadHistories(path.join(__dirname, 'histories'));

async function replay(bundle: WorkflowBundleOption): Promise<(Error | undefined)[]> {
  const errors: (Error | undefined)[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) errors.push(result.error);
  return errors;
}

describe('replay of recorded histories (record them with RECORD_HISTORIES=1 npm test -- workflow)', () => {
  beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) }));

  test('there is one for each way a job can go', () => {
    const namesOf = (workflow: string): string[] => histories.filter(({ workflowId }) => workflowId.startsWith(`${workflow}--`)).map(({ workflowId }) => workflowId.replace(/^.*--v\d+--/, '')).sort();
    expect(namesOf('segment-archive')).toEqual(['cancelled', 'completed', 'continued-as-new', 'failures', 'over-budget', 'paused', 'scheduled', 'set-up-failed']);
    expect(namesOf('correct-video')).toEqual(['cancelled', 'completed', 'continued-as-new']);
    expect(namesOf('segment-video')).toEqual(['cancelled', 'chains', 'completed', 'continued-as-new', 'corrected', 'corrected-before', 'correction-carried', 'correction-carried-here', 'correction-refused', 'paused', 'poison-chunk', 'repaired', 'stitched-again']);
  });

  test('the present code takes the same decisions', async () => {
    expect(await replay(await workflowBundle(path.join(__dirname, '..', '..')))).toEqual(histories.map(() => undefined));
  });

  test('a workflow with one step too many is caught, so the test above can fail', async () => {
    const silent = (): void => undefined;
    const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
    const mutant = await bundleWorkflowCode({ workflowsPath: path.join(__dirname, 'mutant', 'index.ts'), logger });
    const errors = await replay(mutant);
    expect(errors.map((error) => error instanceof DeterminismViolationError || error?.name)).toEqual(histories.map(() => true));
  });
});
