import { Option, type Command } from 'commander';
import { QUEUE_ROLES, type WorkerRole } from '../../contracts/messages';
import { parseFlagValue } from '../options/parse-flag';
import { createContext, commandName } from '../context';
import { loadWorkers } from '../lazy';

const SLOTS = { key: 'slots', flag: '--slots', kind: 'integer', description: '', default: null, isNullable: false, minimum: 1, maximum: 1000 } as const;

const EXAMPLES = `
Runs until SIGTERM or Ctrl-C; then running steps get time to store what they have. The server comes from TEMPORAL_ADDRESS
(or a profile), the store from VAMG_STORE; both must be the same for all workers and for \`vamg segment\`.

Examples:
  TEMPORAL_ADDRESS=10.0.0.5:7233 VAMG_STORE=s3://masks/prod vamg worker --role inference
  vamg worker --role all`;

export function registerWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('Work for a Temporal server of your own, on this machine.')
    .addOption(new Option('--role <role>', 'Which work to take.').choices([...QUEUE_ROLES, 'all']).makeOptionMandatory())
    .addOption(new Option('--slots <n>', 'Steps at one time (default from temporal.yaml)').argParser((text) => Number(parseFlagValue(SLOTS, text))))
    .option('--store <url>', 'Folder or s3://bucket/prefix for intermediate results (default VAMG_STORE, else .vamg/store)')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { role: WorkerRole | 'all'; slots?: number; store?: string }) => {
      const { config, isEmbedded, out } = createContext(flags);
      const roles = flags.role === 'all' ? QUEUE_ROLES : [flags.role];
      if (isEmbedded) out.note(`TEMPORAL_ADDRESS is not set; trying the server at 127.0.0.1:7233. (\`${commandName()} segment\` needs no worker of yours.)`);
      await loadWorkers().runWorkers({
        config,
        roles,
        ...(flags.slots !== undefined && { slots: Object.fromEntries(roles.map((role) => [role, flags.slots])) }),
        onReady: () => out.note(`working as ${roles.join(', ')}; Ctrl-C ends it`),
      });
    });
}
