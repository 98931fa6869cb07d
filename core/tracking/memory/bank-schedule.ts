/** Frames on which masks were given: the first and the newest ones. */
const PERMANENT_FRAMES = 3;
const RECENT_FRAMES = 3;
const LONG_TERM_FRAMES = 4;
const FIRST_INTERVAL = 8;

/**
 * Which frames are remembered; frames by number since the session's start. At most ten at one time, however long the video:
 * permanent, recent, and long-term ones at a spacing that doubles when they get too many (so they always span the whole past).
 */
export interface BankSchedule {
  permanent: readonly number[];
  recent: readonly number[];
  longTerm: readonly number[];
  /** Spacing of the long-term frames. */
  interval: number;
}

export function createSchedule(): BankSchedule {
  return { permanent: [], recent: [], longTerm: [], interval: FIRST_INTERVAL };
}

/** Masks were given on this frame: it is kept as one of the permanent frames, of which the first never leaves. */
export function keepForGood(schedule: BankSchedule, frame: number): void {
  const others = schedule.permanent.filter((other) => other !== frame);
  const [first, ...rest] = [...others, frame];
  schedule.permanent = [first!, ...rest.slice(-(PERMANENT_FRAMES - 1))];
}

/** This frame was tracked. */
export function keepForNow(schedule: BankSchedule, frame: number): void {
  schedule.recent = [...schedule.recent, frame].slice(-RECENT_FRAMES);
  if (frame % schedule.interval !== 0) return;
  schedule.longTerm = [...schedule.longTerm, frame];
  if (schedule.longTerm.length <= LONG_TERM_FRAMES) return;
  schedule.interval *= 2;
  schedule.longTerm = schedule.longTerm.filter((other) => other % schedule.interval === 0);
}

/** All frames with a role, ascending. */
export function keptFrames(schedule: BankSchedule): number[] {
  return [...new Set([...schedule.permanent, ...schedule.recent, ...schedule.longTerm])].sort((a, b) => a - b);
}
