import { TestWorkflowEnvironment } from '@temporalio/testing';
import { defineSearchAttributeKey } from '@temporalio/common';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../../contracts/messages';

let isQuiet = false;

/** A Temporal server for one test file. Set TEMPORAL_CLI_PATH, as `npm test` does. */
export async function startTestServer(extraArgs: string[] = []): Promise<TestWorkflowEnvironment> {
  const binary = process.env['TEMPORAL_CLI_PATH'];
  if (binary === undefined) throw new Error('TEMPORAL_CLI_PATH names no Temporal CLI; run this through `npm test -- workflow`');
  if (!isQuiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  isQuiet = true;
  return await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: binary },
      log: { format: 'json', level: 'error' },
      searchAttributes: Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => defineSearchAttributeKey(name, type)),
      extraArgs,
    },
  });
}
