import path from 'node:path';
import { VamgError } from '../../contracts/errors';
import type { WorkerRole } from '../../contracts/messages';
import type { AppConfig } from '../../workers/config';
import { startEmbeddedWorkers, type EmbeddedWorkers } from '../../workers/embedded';
import { startDevServer } from '../../infra/dev-server/start-dev-server';
import { findTemporal } from './find-temporal';

/** Processes that one command runs for itself: a Temporal server and workers. */
export interface Engine {
  readonly address: string;
  /** Start worker processes and wait until they poll. @throws VamgError SetupMissing */
  startWorkers(groups: readonly (readonly WorkerRole[])[]): Promise<void>;
  /** Rejects when a worker process ends by itself; never resolves. */
  readonly broken: Promise<never>;
  /** Let workers store what they have, then end everything; a few seconds at most. */
  close(): Promise<void>;
  /** End the workers now; the server ends by itself when nobody needs it. */
  kill(): void;
}

const STOP_LIMIT_MS = 3_500;

/** Start the Temporal server of this home, or attach to the one that runs. @throws VamgError SetupMissing */
export async function openEngine(config: AppConfig): Promise<Engine> {
  const server = await startDevServer({
    binary: (await findTemporal(config.root)).path,
    home: config.home,
    config: config.temporal,
    supervisorEntry: path.join(config.root, 'dist', 'infra', 'dev-server', 'supervisor.js'),
  });
  const workers: EmbeddedWorkers[] = [];
  let isClosing = false;
  let breakWith: (error: VamgError) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => (breakWith = reject));
  broken.catch(() => undefined);
  const kill = (): void => {
    for (const worker of workers) killGroup(worker.pid);
  };
  return {
    address: server.address,
    broken,
    async startWorkers(groups) {
      const entry = path.join(config.root, 'dist', 'workers', 'embedded-process.js');
      const logs = path.join(config.home, 'logs');
      const started = groups.map(async (roles) => {
        const worker = await startEmbeddedWorkers({ entry, roles, address: server.address, logFile: path.join(logs, `workers-${roles.join('-')}.log`) });
        workers.push(worker);
        void worker.ended.then((error) => isClosing || breakWith(error ?? new VamgError('Internal', 'The workers ended; start the same command again to go on.')));
      });
      const failed = (await Promise.allSettled(started)).find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    async close() {
      isClosing = true;
      const timer = setTimeout(kill, STOP_LIMIT_MS);
      await Promise.all(workers.map((worker) => worker.stop()));
      clearTimeout(timer);
      await server.stop();
    },
    kill() {
      isClosing = true;
      kill();
    },
  };
}

/** Workers lead a process group of their own, with the inference process in it. */
function killGroup(pid: number): void {
  for (const target of process.platform === 'win32' ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}
