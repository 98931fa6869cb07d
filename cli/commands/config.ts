import type { Command } from 'commander';
import { createContext } from '../context';
import { resolveOptions } from '../options/resolve-options';
import { addSegmentFlags, readSegmentFlags } from '../options/segment-flags';
import { formatTable } from '../output/table';
import { loadConnect } from '../lazy';

const EXAMPLES = `
An option comes from the flag, else the environment (VAMG_POINTS_PER_SIDE), else the preset, else the default.

Examples:
  vamg config show
  vamg config show --preset quality --json`;

export function registerConfigCommand(program: Command): void {
  const config = program.command('config').description('Look at the configuration.');
  const show = config.command('show').description('Print every option with its value and where the value comes from.').option('--json', 'Print one JSON document on stdout and nothing else.');
  addSegmentFlags(show).addHelpText('after', EXAMPLES);
  show.action((flags: Record<string, unknown>) => {
    const { sourced } = resolveOptions({ flags: readSegmentFlags(flags) });
    const { config: app, out, isEmbedded } = createContext({ json: flags['json'] === true });
    const settings = isEmbedded ? null : loadConnect().connectionSettings();
    const environment = {
      home: app.home,
      store: app.storeUrl,
      temporal: settings === null ? 'a server of this machine, started when needed' : String(settings.options.address ?? 'from the profile'),
      namespace: settings?.namespace ?? app.temporal.namespace.name,
      taskQueues: `${app.queuePrefix}-control, -media, -inference`,
    };
    out.json({ options: Object.fromEntries(sourced.map(({ flag, value, source }) => [flag.slice(2), { value, source }])), environment });
    const rows = sourced.map(({ flag, value, source }) => [flag, value === null ? 'none' : Array.isArray(value) ? '(given)' : String(value), source]);
    for (const line of formatTable(['option', 'value', 'from'], rows)) out.line(line);
    out.line();
    for (const line of formatTable(['environment', ''], Object.entries(environment))) out.line(line);
  });
}
