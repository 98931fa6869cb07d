import { InvalidArgumentError, Option, type Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { durationMs, temporalConfigSchema } from '../../contracts/temporal-config';
import type { ScheduleSettings, ScheduleTimes } from '../../workers/archive-schedules';

export interface ScheduleFlags {
  readonly at?: string;
  readonly on?: readonly string[];
  readonly cron?: string;
  readonly every?: string;
  readonly timezone?: string;
  readonly jitter?: string;
  readonly catchup?: string;
  readonly overlap?: ScheduleSettings['overlap'];
  readonly pauseOnFailure?: boolean;
  readonly paused?: boolean;
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
/** Shorter windows are refused by the server. */
const SHORTEST_CATCHUP_MS = 10_000;

/** When to run, and how. The defaults of the second group come from `schedules:` in temporal.yaml. */
export function addScheduleFlags(command: Command): void {
  const add = (group: string, option: Option): void => void command.addOption(option.helpGroup(`${group}:`));
  add('When', new Option('--at <hh:mm>', 'Every day at this time (default 02:30)').argParser(timeOfDay));
  add('When', new Option('--on <days>', 'Only on these days of the week, for example mon,thu').argParser(daysOf));
  add('When', new Option('--cron <expression>', 'In place of --at: five fields, "30 2 * * mon-fri"'));
  add('When', new Option('--every <duration>', 'In place of --at: again and again, for example 6h').argParser(duration));
  add('When', new Option('--timezone <name>', 'Time zone of the times, for example Europe/Berlin (default from temporal.yaml)').argParser(timezone));
  add('How', new Option('--jitter <duration>', 'Begin up to this much later, at random, so that not all begin at once (default from temporal.yaml)').argParser(duration));
  add('How', new Option('--catchup <duration>', 'After an outage, make up for runs that were due this long ago or less (default from temporal.yaml)').argParser(duration));
  add('How', new Option('--overlap <policy>', 'When the run before is still on its way (default from temporal.yaml)').choices(['SKIP', 'BUFFER_ONE', 'ALLOW_ALL']));
  add('How', new Option('--no-pause-on-failure', 'Go on although a run failed (not: although videos failed)'));
  add('How', new Option('--paused', 'Create it paused'));
}

/** @throws VamgError BadConfig */
export function readTimes({ at, on, cron, every }: ScheduleFlags): ScheduleTimes {
  if ([at, cron, every].filter((given) => given !== undefined).length > 1) throw new VamgError('BadConfig', 'Give one of --at, --cron and --every.');
  if (on !== undefined && (cron ?? every) !== undefined) throw new VamgError('BadConfig', '--on belongs to --at; with --cron the days are its fifth field.');
  if (every !== undefined) {
    if (durationMs(every) < 60_000) throw new VamgError('BadConfig', `--every must be a minute or more, got ${every}.`);
    return { kind: 'every', everyMs: durationMs(every) };
  }
  if (cron !== undefined) {
    if (cron.trim().split(/\s+/).length !== 5) throw new VamgError('BadConfig', '--cron takes five fields: minute, hour, day of the month, month, day of the week.');
    return { kind: 'cron', expression: cron.trim() };
  }
  const [hour, minute] = (at ?? '02:30').split(':').map(Number) as [number, number];
  return { kind: 'daily', hour, minute, days: on ?? [] };
}

/** What the user gave over what temporal.yaml says. @throws VamgError BadConfig */
export function readSettings(flags: ScheduleFlags, defaults: ScheduleSettings): ScheduleSettings {
  const settings = temporalConfigSchema.shape.schedules.parse({
    overlap: flags.overlap ?? defaults.overlap,
    catchupWindow: flags.catchup ?? defaults.catchupWindow,
    jitter: flags.jitter ?? defaults.jitter,
    timezone: flags.timezone ?? defaults.timezone,
    pauseOnFailure: flags.pauseOnFailure === false ? false : defaults.pauseOnFailure,
  });
  if (durationMs(settings.catchupWindow) < SHORTEST_CATCHUP_MS) throw new VamgError('BadConfig', `--catchup must be 10s or more, got ${settings.catchupWindow}.`);
  return settings;
}

function timeOfDay(text: string): string {
  if (!/^([01]?\d|2[0-3]):[0-5]\d$/.test(text)) throw new InvalidArgumentError('It must be a time of day such as 02:30.');
  return text;
}

function daysOf(text: string): string[] {
  return text.split(',').map((part) => {
    const day = DAYS.find((name) => part.trim().length >= 3 && name.startsWith(part.trim().toLowerCase()));
    if (day === undefined) throw new InvalidArgumentError('It must be days such as mon,thu.');
    return day.toUpperCase();
  });
}

function duration(text: string): string {
  if (!/^\d+(s|m|h|d)$/.test(text)) throw new InvalidArgumentError('It must be a number with a unit, such as 10m or 12h.');
  return text;
}

function timezone(text: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('It must be the name of a time zone such as Europe/Berlin or UTC.');
  }
}
