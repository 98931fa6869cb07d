import { InvalidArgumentError } from 'commander';

/** A time, or a day whose beginning and end depend on the time zone of the schedule. */
export type Moment = { readonly kind: 'time'; readonly time: Date } | { readonly kind: 'day'; readonly day: string };

const DAY_MS = 24 * 3600_000;

/** "2026-11-18", "2026-11-18T02:30" (UTC) or "2026-11-18T02:30+01:00". @throws InvalidArgumentError */
export function parseMoment(text: string): Moment {
  const match = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text.trim());
  const [whole = '', day = '', time, zone] = match ?? [];
  const date = new Date(time === undefined || zone !== undefined ? whole : `${whole}Z`);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('It must be a day or time such as 2026-11-18 or 2026-11-18T02:30+01:00 (a time without an offset is UTC).');
  return time === undefined ? { kind: 'day', day } : { kind: 'time', time: date };
}

/** The moment itself, or the beginning of the day. */
export function beginOf(moment: Moment, timeZone: string): Date {
  return moment.kind === 'time' ? moment.time : startOfDay(new Date(moment.day), timeZone);
}

/** The moment itself, or the last second of the day. */
export function endOf(moment: Moment, timeZone: string): Date {
  return moment.kind === 'time' ? moment.time : new Date(startOfDay(new Date(new Date(moment.day).getTime() + DAY_MS), timeZone).getTime() - 1000);
}

/** @param midnight midnight of the day, as if the zone were UTC */
function startOfDay(midnight: Date, timeZone: string): Date {
  const first = midnight.getTime() - offsetMs(midnight, timeZone);
  // The offset may be another one there, on a day on which clocks change.
  return new Date(midnight.getTime() - offsetMs(new Date(first), timeZone));
}

/** How far the clocks of a zone are ahead of UTC. */
function offsetMs(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(at);
  const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second')) - Math.floor(at.getTime() / 1000) * 1000;
}
