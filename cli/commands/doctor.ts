import type { Command } from 'commander';
import { createContext } from '../context';
import { loadChecks } from '../lazy';

export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check whether everything is here that is needed.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nEnds with 3 when something that is needed is missing.\n\nExample:\n  vamg doctor --json')
    .action(async (flags: { json?: boolean }) => {
      const { config, out } = createContext(flags);
      const checks = await loadChecks().runChecks(config);
      const isReady = checks.every((check) => check.isOk || !check.isNeeded);
      out.json({ isReady, checks });
      for (const { name, isOk, isNeeded, sentence } of checks) out.line(`${isOk ? '\u2713' : isNeeded ? '\u2717' : '-'} ${name.padEnd(16)} ${sentence}`);
      if (!isReady) process.exitCode = 3;
    });
}
