import path from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '../../workers/config';
import { ArchiveSchedules } from '../../workers/archive-schedules';
import { MortalServer } from '../support/mortal-server';
import { archiveInput, withArchiveWorkers } from './support/archive-harness';
import { FakeArchive } from './support/fake-archive';
import { eventually } from './support/segment-harness';

// Workers say at length that the server is gone; here that is the point.
beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } }));

test('runs that were due while the server was away are made up for by one, which is named by a time of the outage', async () => {
  const server = await MortalServer.create();
  await server.start();
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address: server.address });
  try {
    const silent = (): void => undefined;
    const workflowBundle = await bundleWorkflowCode({ workflowsPath: path.join(__dirname, 'support', 'archive-workflows.ts'), logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent } });
    const input = archiveInput();
    const archive = new FakeArchive([]);
    const schedules = new ArchiveSchedules({ client: env.client, queuePrefix: input.queuePrefix ?? '' });
    const settings = { ...loadConfig({}).temporal.schedules, jitter: '0s' };
    await withArchiveWorkers({ env, workflowBundle, archive }, input, async () => {
      await schedules.create({ name: 'often', times: { kind: 'every', everyMs: 6000 }, settings, input, about: { source: 's3://a', dest: 's3://b' }, isPaused: false });
      // As at night: the run before has ended long ago, the schedule knows, and the next one is not due at once.
      await eventually(async () => archive.reports.length >= 1 && Date.now() % 6000 < 3000 && (await schedules.show('often')).running.length === 0, 60_000);
      await server.kill();
      const from = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      const to = Date.now();
      await server.start();
      const dueInOutage = (): string[] => archive.reports.flatMap(({ night }) => (night !== null && Date.parse(night) > from && Date.parse(night) <= to ? [night] : []));
      await eventually(() => dueInOutage().length > 0, 60_000);
      await eventually(() => archive.reports.some(({ night }) => Date.parse(night ?? '') > to), 60_000);
      const nights = archive.reports.map(({ night }) => night);
      expect(new Set(nights).size).toBe(nights.length);
      expect(dueInOutage().length).toBeLessThan(3);
      expect(await schedules.show('often')).toMatchObject({ paused: false, missedCatchup: 0, settings: { catchupWindowMs: 12 * 3600_000 } });
      await schedules.delete('often');
    });
  } finally {
    await env.teardown();
    await server.dispose();
  }
});
