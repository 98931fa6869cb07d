import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client, type ScheduleDescription, type ScheduleHandle, type ScheduleOptions, type ScheduleSpec } from '@temporalio/client';
import { SEGMENT_ARCHIVE_WORKFLOW, type SegmentArchiveInput } from '../contracts/archive-messages';
import { VamgError } from '../contracts/errors';
import { taskQueueName } from '../contracts/messages';
import { durationMs, type TemporalConfig } from '../contracts/temporal-config';

export type ScheduleSettings = TemporalConfig['schedules'];

/** When runs are due. */
export type ScheduleTimes =
  | { readonly kind: 'daily'; readonly hour: number; readonly minute: number; readonly days: readonly string[] }
  | { readonly kind: 'cron'; readonly expression: string }
  | { readonly kind: 'every'; readonly everyMs: number };

export interface CreateScheduleRequest {
  readonly name: string;
  readonly times: ScheduleTimes;
  readonly settings: ScheduleSettings;
  readonly input: SegmentArchiveInput;
  /** For people: source and destination. Kept in the memo. */
  readonly about: { readonly source: string; readonly dest: string };
  readonly isPaused: boolean;
}

export interface ScheduleStatus {
  readonly name: string;
  readonly paused: boolean;
  readonly note: string | null;
  readonly source: string | null;
  readonly dest: string | null;
  readonly next: readonly string[];
  readonly running: readonly string[];
  /** IDs of the last runs, which end in the times for which they were due, and when they really began; oldest first. */
  readonly recent: readonly { readonly id: string; readonly started: string }[];
  readonly taken: number;
  readonly missedCatchup: number;
  readonly skippedOverlap: number;
  readonly settings: { readonly overlap: string; readonly catchupWindowMs: number; readonly pauseOnFailure: boolean; readonly jitterMs: number | null; readonly timezone: string | null };
}

export interface SchedulesOptions {
  readonly client: Client;
  readonly queuePrefix: string;
  /** How long a change is waited for before it is sent again. */
  readonly verifyMs?: number;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const VERIFY_MS = 4000;
const POLL_MS = 150;
const TRIES = 3;
/** The server keeps runs of archives and of other things apart by this. */
const PREFIX = 'archive-';

/** @throws VamgError BadConfig */
export function checkScheduleName(name: string): string {
  if (!NAME.test(name)) throw new VamgError('BadConfig', `The name of a schedule is 1 to 64 lower-case letters, digits, dots, dashes and underscores, got '${name.slice(0, 80)}'.`);
  return name;
}

/**
 * Temporal Schedules that start runs through archives. Schedule and workflow are called `archive-<name>`; the server appends the due
 * time to the workflow ID, which names the night whenever the run really begins.
 *
 * Server 1.29 keeps one pending change per schedule and loses the first when a second comes at once. So each change is read back
 * until it shows, and only then does the call return; a change that does not show is sent again.
 */
export class ArchiveSchedules {
  private readonly client: Client;
  private readonly verifyMs: number;

  constructor(private readonly options: SchedulesOptions) {
    this.client = options.client;
    this.verifyMs = options.verifyMs ?? VERIFY_MS;
  }

  /** Create, or change the one of this name. */
  async create(request: CreateScheduleRequest): Promise<'created' | 'updated'> {
    const { name, input, settings, isPaused } = request;
    const options = {
      spec: specOf(request.times, settings),
      action: {
        type: 'startWorkflow',
        workflowType: SEGMENT_ARCHIVE_WORKFLOW,
        workflowId: PREFIX + checkScheduleName(name),
        taskQueue: taskQueueName(this.options.queuePrefix, 'control'),
        args: [input],
        memo: { archive: input.archive.sha256 },
      },
      policies: { overlap: settings.overlap, catchupWindow: durationMs(settings.catchupWindow), pauseOnFailure: settings.pauseOnFailure },
    } satisfies Omit<ScheduleOptions, 'scheduleId'>;
    const memo = { source: request.about.source, dest: request.about.dest };
    try {
      await this.client.schedule.create({ ...options, scheduleId: PREFIX + name, memo, state: { paused: isPaused } });
      await this.until(name, 'the new schedule', ({ policies }) => policies.catchupWindow === options.policies.catchupWindow);
      return 'created';
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
    await this.handle(name).update((previous) => ({ ...options, state: { paused: previous.state.paused, ...(previous.state.note !== undefined && { note: previous.state.note }) } }));
    await this.until(name, 'the change', ({ action }) => action.type === 'startWorkflow' && JSON.stringify(action.args) === JSON.stringify([input]));
    return 'updated';
  }

  /** By name. */
  async list(): Promise<{ name: string; paused: boolean; note: string | null; next: string | null; source: string | null; dest: string | null }[]> {
    const found = [];
    for await (const { scheduleId, state, info, memo } of this.client.schedule.list()) {
      if (!scheduleId.startsWith(PREFIX)) continue;
      found.push({ name: scheduleId.slice(PREFIX.length), paused: state.paused, note: state.note ?? null, next: info.nextActionTimes[0]?.toISOString() ?? null, source: text(memo?.['source']), dest: text(memo?.['dest']) });
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws VamgError NotFound */
  async show(name: string): Promise<ScheduleStatus> {
    const { state, info, policies, spec, memo } = await this.describe(name);
    const runId = (workflowId: string): string => workflowId.replace(PREFIX, '');
    return {
      name,
      paused: state.paused,
      note: state.note ?? null,
      source: text(memo?.['source']),
      dest: text(memo?.['dest']),
      next: info.nextActionTimes.slice(0, 5).map((time) => time.toISOString()),
      running: info.runningActions.map((action) => runId(action.workflow.workflowId)),
      recent: info.recentActions.map(({ action, takenAt }) => ({ id: runId(action.workflow.workflowId), started: takenAt.toISOString() })),
      taken: info.numActionsTaken,
      missedCatchup: info.numActionsMissedCatchupWindow,
      skippedOverlap: info.numActionsSkippedOverlap,
      settings: { overlap: policies.overlap ?? 'SKIP', catchupWindowMs: policies.catchupWindow, pauseOnFailure: policies.pauseOnFailure, jitterMs: spec.jitter ?? null, timezone: spec.timezone ?? null },
    };
  }

  async pause(name: string, note: string): Promise<void> {
    await this.change(name, 'the pause', (handle) => handle.pause(note), ({ state }) => state.paused);
  }

  async resume(name: string, note: string): Promise<void> {
    await this.change(name, 'the resumption', (handle) => handle.unpause(note), ({ state }) => !state.paused);
  }

  /** Start a run now, unless one is on its way: that one counts. @returns its id */
  async trigger(name: string): Promise<string> {
    const before = await this.describe(name);
    const running = before.info.runningActions.at(-1);
    if (running !== undefined) throw new VamgError('BadConfig', `A run of schedule ${name} is on its way: ${running.workflow.workflowId.replace(PREFIX, '')}; \`vamg watch\` shows it.`);
    await this.change(name, 'the run', (handle) => handle.trigger('SKIP'), (now) => now.info.numActionsTaken > before.info.numActionsTaken);
    const { recent } = await this.show(name);
    return recent.at(-1)!.id;
  }

  /**
   * Run for every due time of the past in [from, to], one after another. @returns how many runs the server took or has waiting
   * @throws VamgError BadConfig when no run was due in this time
   */
  async backfill(name: string, from: Date, to: Date): Promise<number> {
    const before = await this.describe(name);
    const due = (now: ScheduleDescription): number => now.info.numActionsTaken - before.info.numActionsTaken + bufferOf(now) - bufferOf(before);
    // The server looks at times after `start`; a moment earlier takes the first minute in.
    const start = new Date(from.getTime() - 1000);
    try {
      await this.change(name, 'the runs', (handle) => handle.backfill({ start, end: to, overlap: 'BUFFER_ALL' }), (now) => due(now) > 0, 1);
    } catch (error) {
      if (error instanceof VamgError && error.failure === 'SetupMissing') throw new VamgError('BadConfig', `Schedule ${name} has no due time between ${from.toISOString()} and ${to.toISOString()}.`);
      throw error;
    }
    return due(await this.describe(name));
  }

  /** Remove the schedule; runs on their way go on. @throws VamgError NotFound */
  async delete(name: string): Promise<void> {
    await orNotFound(name, this.handle(name).delete());
  }

  private async change(name: string, what: string, send: (handle: ScheduleHandle) => Promise<void>, isDone: (now: ScheduleDescription) => boolean, tries = TRIES): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await orNotFound(name, send(this.handle(name)));
      try {
        return await this.until(name, what, isDone);
      } catch (error) {
        if (attempt >= tries) throw error;
      }
    }
  }

  private async until(name: string, what: string, isDone: (now: ScheduleDescription) => boolean): Promise<void> {
    for (const end = Date.now() + this.verifyMs; ; ) {
      if (isDone(await this.describe(name))) return;
      if (Date.now() > end) throw new VamgError('SetupMissing', `The Temporal server took ${what} of schedule ${name} but does not show it; look with \`vamg schedule show ${name}\` and try again.`);
      await sleep(POLL_MS);
    }
  }

  private async describe(name: string): Promise<ScheduleDescription> {
    return await orNotFound(name, this.handle(name).describe());
  }

  private handle(name: string): ScheduleHandle {
    return this.client.schedule.getHandle(PREFIX + checkScheduleName(name));
  }
}

/** Runs that wait for an earlier one. */
function bufferOf({ raw }: ScheduleDescription): number {
  return Number(raw.info?.bufferSize ?? 0);
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function specOf(times: ScheduleTimes, { jitter, timezone }: ScheduleSettings): ScheduleSpec {
  const common = { jitter: durationMs(jitter), timezone };
  if (times.kind === 'cron') return { ...common, cronExpressions: [times.expression] };
  if (times.kind === 'every') return { ...common, intervals: [{ every: times.everyMs }] };
  const { hour, minute, days } = times;
  return { ...common, calendars: [{ hour, minute, ...(days.length > 0 && { dayOfWeek: days as never }) }] };
}

async function orNotFound<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) throw new VamgError('NotFound', `There is no schedule ${name}; \`vamg schedule list\` shows what there is.`);
    throw error;
  }
}
