import { TestWorkflowEnvironment } from '@temporalio/testing';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../../../contracts/messages';
import { quietRuntime } from '../../support/quiet-runtime';

/** A Temporal server for one test file. Set TEMPORAL_CLI_PATH, as `npm test` does. */
export async function startTestServer(extraArgs: string[] = []): Promise<TestWorkflowEnvironment> {
  const binary = process.env['TEMPORAL_CLI_PATH'];
  if (binary === undefined) throw new Error('TEMPORAL_CLI_PATH names no Temporal CLI; run this through `npm test -- workflow`');
  quietRuntime();
  return await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: binary },
      log: { format: 'json', level: 'error' },
      searchAttributes: Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => defineSearchAttributeKey(name, type)),
      extraArgs,
    },
  });
}
