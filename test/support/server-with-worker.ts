import { mkdirSync } from 'node:fs';
import { startTestServer } from '../workflow/support/test-server';
import { waitFor, type VamgHome } from './vamg';

/** A Temporal server of one's own with a worker for everything, as a team has them; its store lies in the home. */
export interface ServerWithWorker {
  /** Server address, host:port. */
  readonly address: string;
  /** For commands that are to use it. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the worker, waits until nothing of the home runs, and ends the server. */
  stop(): Promise<void>;
}

export async function startServerWithWorker(home: VamgHome): Promise<ServerWithWorker> {
  const server = await startTestServer();
  mkdirSync(home.path('store'));
  const env = { ...process.env, TEMPORAL_ADDRESS: server.address, VAMG_STORE: home.path('store') };
  const worker = home.start(['worker', '--role', 'all'], env);
  await waitFor('the workers', () => (worker.stderr().includes('working as') ? true : undefined), 60_000);
  const stop = async (): Promise<void> => {
    worker.child.kill('SIGTERM');
    await worker.finished;
    await home.quiet();
    await server.teardown();
  };
  return { address: server.address, env, stop };
}
