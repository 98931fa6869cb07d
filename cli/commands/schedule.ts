import type { Command } from 'commander';
import type { ArchiveSchedules } from '../../workers/archive-schedules';
import { VamgError } from '../../contracts/errors';
import { addArchiveFlags, archiveSettings, type ArchiveFlags } from '../archive/archive-flags';
import { prepareArchive } from '../archive/prepare-archive';
import { createContext, openArtefacts, type CliContext } from '../context';
import { withSession } from '../job/session';
import { loadArchiveClient, loadArchiveSchedules } from '../lazy';
import { formatTable } from '../output/table';
import { describeSchedule } from '../schedule/describe-schedule';
import { beginOf, endOf, parseMoment, type Moment } from '../schedule/moments';
import { addScheduleFlags, readSettings, readTimes, type ScheduleFlags } from '../schedule/schedule-flags';

const EXAMPLES = `
A schedule runs \`vamg archive\` on your Temporal server (TEMPORAL_ADDRESS), where workers are polling. Each run is named by the time for
which it was due, whenever it really began.

Examples:
  vamg schedule create nightly s3://films --dest s3://masks --at 02:30 --timezone Europe/Berlin --max-hours 8
  vamg schedule show nightly
  vamg schedule backfill nightly --from 2026-11-16 --to 2026-11-18`;

const JSON_FLAG = ['--json', 'Print one JSON document on stdout and nothing else.'] as const;

interface NamedFlags {
  readonly json?: boolean;
  readonly note?: string;
  readonly from?: Moment;
  readonly to?: Moment;
}

export function registerScheduleCommand(program: Command): void {
  const schedule = program.command('schedule').description('Run through an archive again and again, for example every night.').addHelpText('after', EXAMPLES);
  const create = schedule.command('create').argument('<name>', 'name of the schedule').argument('<source>', 'a folder, file:// address or s3://bucket/prefix').description('Create a schedule, or change the one of this name.');
  addScheduleFlags(create);
  addArchiveFlags(create);
  create.addHelpText('after', EXAMPLES).action(async (name: string, source: string, flags: ArchiveFlags & ScheduleFlags) => createSchedule(name, source, flags));
  schedule.command('list').description('List the schedules.').option(...JSON_FLAG).action(async (flags: NamedFlags) => list(flags));
  const named = (command: string, description: string, act: (schedules: ArchiveSchedules, name: string, flags: NamedFlags, context: CliContext) => Promise<void>): Command =>
    schedule.command(command).argument('<name>', 'a schedule').description(description).option(...JSON_FLAG).action(async (name: string, flags: NamedFlags) => {
      const context = createContext(flags);
      await withSchedules(context, (schedules) => act(schedules, name, flags, context));
    });
  named('show', 'Show when a schedule runs, how, and its last runs.', show);
  named('pause', 'Start no more runs; one on its way goes on.', pause).option('--note <text>', 'why, for `vamg schedule list`');
  named('resume', 'Go on with a paused schedule.', resume).option('--note <text>', 'why, for `vamg schedule list`');
  named('trigger', 'Start a run now.', trigger);
  named('backfill', 'Run for due times of the past, one after another.', backfill)
    .requiredOption('--from <time>', 'first day (in the time zone of the schedule) or time, for example 2026-11-16', parseMoment)
    .requiredOption('--to <time>', 'last day or time', parseMoment);
  named('delete', 'Remove a schedule; a run on its way goes on.', remove);
}

async function createSchedule(name: string, source: string, flags: ArchiveFlags & ScheduleFlags): Promise<void> {
  const context = createContext(flags);
  needServer(context);
  loadArchiveSchedules().checkScheduleName(name);
  const times = readTimes(flags);
  const settings = readSettings(flags, context.config.temporal.schedules);
  const { spec } = await prepareArchive(context, source, flags, new AbortController().signal);
  await withSession(context, async ({ client }) => {
    const { artefacts } = await openArtefacts(context);
    const { queuePrefix } = context.config;
    const input = await loadArchiveClient().archiveInput(spec, archiveSettings(flags), { artefacts, config: context.config, searchAttributes: await client.hasSearchAttributes() });
    const schedules = new (loadArchiveSchedules().ArchiveSchedules)({ client: client.client, queuePrefix });
    const outcome = await schedules.create({ name, times, settings, input, about: { source: spec.source, dest: spec.dest }, isPaused: flags.paused === true });
    const status = await schedules.show(name);
    context.out.json({ outcome, schedule: status });
    context.out.line(`Schedule ${outcome}.`);
    describeSchedule(status).forEach((line) => context.out.line(line));
  });
}

async function list(flags: NamedFlags): Promise<void> {
  const context = createContext(flags);
  await withSchedules(context, async (schedules) => {
    const found = await schedules.list();
    context.out.json({ schedules: found });
    if (found.length === 0) return context.out.line('No schedules yet. `vamg schedule create --help` shows how to make one.');
    const rows = found.map(({ name, paused, note, next, source }) => [name, paused ? 'paused' : 'active', paused ? (note ?? '') : (next?.slice(0, 16).replace('T', ' ') ?? ''), source ?? '']);
    for (const line of formatTable(['schedule', 'state', 'next (UTC), or why', 'archive'], rows)) context.out.line(line);
  });
}

async function show(schedules: ArchiveSchedules, name: string, _flags: NamedFlags, { out }: CliContext): Promise<void> {
  const status = await schedules.show(name);
  out.json({ schedule: status });
  describeSchedule(status).forEach((line) => out.line(line));
}

async function pause(schedules: ArchiveSchedules, name: string, { note }: NamedFlags, { out }: CliContext): Promise<void> {
  await schedules.pause(name, note ?? 'paused with vamg schedule pause');
  out.json({ name, paused: true });
  out.line(`Paused ${name}.`);
}

async function resume(schedules: ArchiveSchedules, name: string, { note }: NamedFlags, { out }: CliContext): Promise<void> {
  await schedules.resume(name, note ?? 'resumed with vamg schedule resume');
  out.json({ name, paused: false });
  out.line(`Resumed ${name}; next: ${(await schedules.show(name)).next[0] ?? 'none'}.`);
}

async function trigger(schedules: ArchiveSchedules, name: string, _flags: NamedFlags, { out }: CliContext): Promise<void> {
  const id = await schedules.trigger(name);
  out.json({ name, run: id });
  out.line(`Started run ${id}; \`vamg watch ${id}\` shows it.`);
}

async function backfill(schedules: ArchiveSchedules, name: string, { from, to }: NamedFlags, { out }: CliContext): Promise<void> {
  const { settings } = await schedules.show(name);
  const [begin, end] = [beginOf(from!, settings.timezone ?? 'UTC'), endOf(to!, settings.timezone ?? 'UTC')];
  if (begin.getTime() > end.getTime()) throw new VamgError('BadConfig', '--from must be before --to.');
  const runs = await schedules.backfill(name, begin, end);
  out.json({ name, runs });
  out.line(`${runs} runs, one after another; \`vamg schedule show ${name}\` lists them.`);
}

async function remove(schedules: ArchiveSchedules, name: string, _flags: NamedFlags, { out }: CliContext): Promise<void> {
  await schedules.delete(name);
  out.json({ name, deleted: true });
  out.line(`Deleted ${name}.`);
}

/** @throws VamgError BadConfig */
function needServer(context: CliContext): void {
  if (context.isEmbedded) throw new VamgError('BadConfig', 'Schedules need a Temporal server that goes on without this command: set TEMPORAL_ADDRESS to yours.');
}

async function withSchedules(context: CliContext, work: (schedules: ArchiveSchedules) => Promise<void>): Promise<void> {
  needServer(context);
  await withSession(context, async ({ client }) => await work(new (loadArchiveSchedules().ArchiveSchedules)({ client: client.client, queuePrefix: context.config.queuePrefix })));
}
