import { Option, type Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { QUEUE_ROLES, type WorkerRole } from '../../contracts/messages';
import { parseGpus } from '../../workers/gpus';
import { createContext, commandName } from '../context';
import { loadWorkers } from '../lazy';
import { parseFlagValue } from '../options/parse-flag';

const integer = (key: string, flag: string, minimum: number, maximum: number) => ({ key, flag, kind: 'integer', description: '', default: null, isNullable: false, minimum, maximum }) as const;
const SLOTS = integer('slots', '--slots', 1, 1000);
const HEALTH_PORT = integer('healthPort', '--health-port', 1, 65535);

const EXAMPLES = `
Runs until SIGTERM or Ctrl-C; then running steps get time to store what they have (shutdownGrace of temporal.yaml), and the
exit code is 0. A second signal ends it at once; other workers go on from the last checkpoint. The server comes from
TEMPORAL_ADDRESS (or a profile), the store from VAMG_STORE; both must be the same for all workers and for \`vamg segment\`.
How to run many of them: docs/operations.md.

Examples:
  TEMPORAL_ADDRESS=10.0.0.5:7233 VAMG_STORE=s3://masks/prod vamg worker --role inference
  vamg worker --role inference --gpus 0,1     (one chunk at a time on each of two GPUs)
  vamg worker --role media --health-port 8080 --prometheus 0.0.0.0:9464
  vamg worker --role all`;

interface WorkerFlags {
  readonly role: WorkerRole | 'all';
  readonly slots?: number;
  readonly gpus?: string[];
  readonly store?: string;
  readonly buildId?: string;
  readonly healthPort?: number;
  readonly prometheus?: string;
}

export function registerWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('Work for a Temporal server of your own, on this machine.')
    .addOption(new Option('--role <role>', 'Which work to take.').choices([...QUEUE_ROLES, 'all']).makeOptionMandatory())
    .addOption(new Option('--slots <n>', 'Steps at one time (default from temporal.yaml; with --gpus, one per GPU)').argParser((text) => Number(parseFlagValue(SLOTS, text))))
    .addOption(new Option('--gpus <list>', 'NVIDIA GPUs to use, by number or UUID, one inference process each').argParser(parseGpus))
    .option('--store <url>', 'Folder or s3://bucket/prefix for intermediate results (default VAMG_STORE, else .vamg/store)')
    .addOption(new Option('--health-port <port>', 'Answer GET /livez and /readyz here, on all interfaces').argParser((text) => Number(parseFlagValue(HEALTH_PORT, text))))
    .addOption(new Option('--prometheus <address>', 'Serve metrics at this host:port, such as 127.0.0.1:9464 (default from temporal.yaml)').argParser(parseAddress))
    .addOption(new Option('--build-id <id>', 'Version of the workflow code in worker deployments; jobs stay on the version they started on').argParser(parseBuildId))
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(flags: WorkerFlags): Promise<void> {
  const { config, isEmbedded, out } = createContext(flags);
  const roles = flags.role === 'all' ? QUEUE_ROLES : [flags.role];
  if (flags.gpus !== undefined && !roles.includes('inference')) throw new VamgError('BadConfig', `--gpus is for --role inference or all; ${flags.role} uses no GPU.`);
  if (flags.buildId !== undefined && !roles.includes('control')) throw new VamgError('BadConfig', `--build-id is for --role control or all; ${flags.role} runs no workflows.`);
  if (isEmbedded) out.note(`TEMPORAL_ADDRESS is not set; trying the server at 127.0.0.1:7233. (\`${commandName()} segment\` needs no worker of yours.)`);
  await loadWorkers().runWorkers({
    config,
    roles,
    ...(flags.slots !== undefined && { slots: Object.fromEntries(roles.map((role) => [role, flags.slots])) }),
    ...(flags.gpus !== undefined && { gpus: flags.gpus }),
    ...(flags.buildId !== undefined && { buildId: flags.buildId }),
    ...(flags.healthPort !== undefined && { healthPort: flags.healthPort }),
    ...(flags.prometheus !== undefined && { metricsAddress: flags.prometheus }),
    onReady: () => out.note(`working as ${roles.join(', ')}; Ctrl-C ends it`),
    onDrain: () => out.note(`ending: running steps have ${config.temporal.workers.shutdownGrace} to finish or to store a checkpoint; another signal ends at once`),
  });
}

/** @throws VamgError BadConfig */
function parseAddress(text: string): string {
  const port = /^\d{1,3}(?:\.\d{1,3}){3}:(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65535) throw new VamgError('BadConfig', '--prometheus must be an IPv4 address and a port, such as 127.0.0.1:9464.');
  return text;
}

/** @throws VamgError BadConfig */
function parseBuildId(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) throw new VamgError('BadConfig', '--build-id must be letters, digits, dots, dashes and underscores, at most 64.');
  return text;
}
