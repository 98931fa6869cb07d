/**
 * Workers of the embedded mode: a child process of the command line, which sends one `start` message. It ends by itself when its
 * parent is gone. Told to the parent: `ready`, or `failed` with a catalogue name and a sentence.
 */
import { isFailureName, VamgError } from '../contracts/errors';
import type { WorkerRole } from '../contracts/messages';
import { loadConfig } from './config';
import type { EmbeddedMessage, EmbeddedStart } from './embedded-protocol';
import { runWorkers } from './main';

/** When a parent was killed nobody waits for a checkpoint: leave after this time, whatever still runs. */
const ORPHAN_LIMIT_MS = 5_000;

function send(message: EmbeddedMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function run(start: EmbeddedStart): Promise<void> {
  const { roles, address, slots, logFile } = start;
  const config = loadConfig();
  const metrics = metricsAddress(config.temporal.observability.prometheus, roles);
  await runWorkers({
    config,
    roles,
    ...(metrics !== null && { metricsAddress: metrics }),
    ...(address !== undefined && { address }),
    ...(slots !== undefined && { slots }),
    ...(logFile !== undefined && { logFile }),
    onReady: () => send({ type: 'ready' }),
  });
}

/** The two processes of the embedded mode cannot share a port: that of inference takes the next one. */
function metricsAddress(configured: string | null, roles: readonly WorkerRole[]): string | null {
  if (configured === null || roles.includes('control')) return configured;
  const [host, port] = configured.split(':');
  return `${host}:${Number(port) + 1}`;
}

process.once('disconnect', () => setTimeout(() => process.exit(1), ORPHAN_LIMIT_MS).unref());
process.once('message', (start: EmbeddedStart) => {
  run(start).then(
    () => process.exit(0),
    (error: unknown) => {
      const failure = error instanceof VamgError && isFailureName(error.failure) ? error.failure : 'Internal';
      const message = error instanceof VamgError ? error.message : `The workers failed (${error instanceof Error ? error.name : 'unknown'}); see their log.`;
      send({ type: 'failed', failure, message });
      if (failure === 'Internal') process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      setTimeout(() => process.exit(1), 100);
    },
  );
});
