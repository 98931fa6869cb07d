import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CheckReport } from '../../adapters/store/check-store';
import type { CleanReport } from '../../adapters/store/clean-store';
import { durationMs } from '../../contracts/temporal-config';
import { createContext, openArtefacts, type CliContext } from '../context';
import { loadStoreCare } from '../lazy';
import { sayBytes, sayCount } from '../output/quantities';
import { formatTable } from '../output/table';
import { findStillNeeded } from '../store/still-needed';

interface StoreFlags {
  readonly json?: boolean;
  readonly store?: string;
}
interface CleanFlags extends StoreFlags {
  readonly olderThan: string;
  readonly dryRun?: boolean;
}
interface VerifyFlags extends StoreFlags {
  readonly quick?: boolean;
  readonly repair?: boolean;
}

const SHORTEST_MS = 3600_000;
const SHOWN_DAMAGE = 20;

const ABOUT = `
The store holds what jobs have computed, so that nothing is computed twice: a second run of the same video does no inference, and
\`vamg restitch\` needs none. Results are in their own folders and need no store. What is removed is only computed again when it is needed.

Examples:
  vamg store show                             what takes the room
  vamg store clean --dry-run                  what would go
  vamg store clean --older-than 7d            remove what nobody used for a week
  vamg store verify                           is every byte as it was written?`;

export function registerStoreCommand(program: Command): void {
  const store = program.command('store').description('Show, clean and check the store of intermediate results.').addHelpText('after', ABOUT);
  const add = (name: string, description: string): Command =>
    store
      .command(name)
      .description(description)
      .option('--store <url>', 'Folder or s3://bucket/prefix (default VAMG_STORE, else .vamg/store)')
      .option('--json', 'Print one JSON document on stdout and nothing else.');
  add('show', 'Say what the store holds, by stage.').action(show);
  add('clean', 'Remove what no job used for some time. What jobs need that run, or that can be resumed, stays.')
    .addOption(new Option('--older-than <duration>', 'Last used this long ago or longer, such as 12h or 30d; at least 1h').argParser(age).default('30d'))
    .option('--dry-run', 'Only say what would go')
    .action(clean);
  add('verify', 'Compare everything in the store with what was written.')
    .option('--quick', 'Only look whether it is there and of the right size, without reading it')
    .option('--repair', 'Remove what is damaged, so that it is made again when it is needed')
    .action(verify);
}

async function show(flags: StoreFlags): Promise<void> {
  const context = createContext(flags);
  const { out } = context;
  const { artefacts } = await openArtefacts(context);
  const parts = await loadStoreCare().takeInventory(artefacts.objects);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  out.json({ store: artefacts.objects.description, bytes, parts: parts.map((part) => ({ ...part, oldest: new Date(part.oldestMs).toISOString() })) });
  if (parts.length === 0) return out.line('The store is empty.');
  const rows = parts.map((part) => [part.part, String(part.objects), sayBytes(part.bytes), new Date(part.oldestMs).toISOString().slice(0, 10)]);
  for (const line of formatTable(['part', 'objects', 'size', 'oldest'], rows)) out.line(line);
  out.line(`${sayBytes(bytes)} in all (${artefacts.objects.description}).`);
}

async function clean(flags: CleanFlags): Promise<void> {
  const context = createContext(flags);
  const { out } = context;
  const { artefacts } = await openArtefacts(context);
  const needed = await findStillNeeded(context, artefacts);
  const wantedMs = Date.now() - durationMs(flags.olderThan);
  const beforeMs = Math.min(wantedMs, needed.sinceMs);
  if (beforeMs < wantedMs) out.note(`A job that has not ended was started before that: only what was last used before ${new Date(beforeMs).toISOString()} goes. (\`vamg list\` shows the jobs; \`vamg cancel\` ends one.)`);
  const report = await loadStoreCare().cleanStore(artefacts, { beforeMs, keep: needed.keep, isDryRun: flags.dryRun === true, onProgress: progress(context) });
  out.json({ ...report, before: new Date(beforeMs).toISOString(), isDryRun: flags.dryRun === true });
  out.line(describeCleaning(report, flags.dryRun === true));
}

async function verify(flags: VerifyFlags): Promise<void> {
  const context = createContext(flags);
  const { out } = context;
  const { artefacts } = await openArtefacts(context);
  const report = await loadStoreCare().checkStore(artefacts, { readData: flags.quick !== true, repair: flags.repair === true, onProgress: progress(context) });
  out.json(report);
  for (const line of describeCheck(report, flags)) out.line(line);
  if (report.damaged.length === 0 || flags.repair === true) return;
  process.exitCode = 1;
  out.line('`vamg store verify --repair` removes what is damaged; the next job that needs it makes it again.');
}

export function describeCleaning({ artefacts, objects, bytes, leftovers, kept }: CleanReport, isDryRun: boolean): string {
  const what = `${sayCount(artefacts, 'artefact')}, in all ${sayCount(objects, 'object')} of ${sayBytes(bytes)}, and ${sayCount(leftovers, 'leftover')} of processes that were killed`;
  return isDryRun ? `Would remove ${what}; ${sayCount(kept, 'object')} would stay. Nothing was removed.` : `Removed ${what}; ${sayCount(kept, 'object')} stay.`;
}

function describeCheck({ artefacts, bytes, damaged }: CheckReport, { quick, repair }: VerifyFlags): string[] {
  const looked = `${sayCount(artefacts, 'artefact')}, ${sayBytes(bytes)} of data ${quick === true ? 'looked at' : 'read'}: `;
  if (damaged.length === 0) return [`${looked}all ${quick === true ? 'there' : 'as written'}.`];
  const lines = damaged.slice(0, SHOWN_DAMAGE).map(({ stage, key, problem }) => `  ${stage} ${key.slice(0, 12)}: ${problem}${repair === true ? ', removed' : ''}`);
  return [`${looked}${damaged.length} damaged.`, ...lines, ...(damaged.length > SHOWN_DAMAGE ? [`  and ${damaged.length - SHOWN_DAMAGE} more (--json lists all)`] : [])];
}

/** Large stores take minutes: say now and then that something happens. */
function progress({ out }: CliContext): (count: number) => void {
  let saidAt = Date.now();
  return (count) => {
    if (Date.now() - saidAt < 5_000) return;
    saidAt = Date.now();
    out.note(`${count} objects looked at …`);
  };
}

function age(text: string): string {
  const ms = /^\d+[mhd]$/.test(text) ? durationMs(text) : 0;
  if (ms < SHORTEST_MS) throw new InvalidArgumentError('It must be a duration such as 12h or 30d, of an hour or more.');
  return text;
}
