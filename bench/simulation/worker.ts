/**
 * A worker whose inference is a stand-in (see stand-in-process.ts); everything else is the product's. For `test/chaos` and `bench:scale`.
 *
 *   TEMPORAL_ADDRESS=… VAMG_STORE=… VAMG_STAND_IN='{"frameMs":5}' node dist/bench/simulation/worker.js control,media,inference [slots]
 *
 * Prints `ready` when it polls. Ends on SIGTERM as `vamg worker` does.
 */
import path from 'node:path';
import { QUEUE_ROLES, type WorkerRole } from '../../contracts/messages';
import { loadConfig } from '../../workers/config';
import { runWorkers } from '../../workers/main';
import { standInSettings } from './stand-in';

async function main([roleList = QUEUE_ROLES.join(), slots]: string[]): Promise<void> {
  standInSettings(process.env);
  const roles = roleList.split(',') as WorkerRole[];
  await runWorkers({
    config: loadConfig(),
    roles,
    inferenceEntry: path.join(__dirname, 'stand-in-process.js'),
    ...(slots !== undefined && { slots: Object.fromEntries(roles.map((role) => [role, Number(slots)])) }),
    onReady: () => console.log('ready'),
  });
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
