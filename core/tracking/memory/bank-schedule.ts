const FIRST_INTERVAL = 8;

/** How many frames of each kind are remembered at most. */
export interface BankLimits {
  /** On which masks were given: the first and the newest ones. */
  readonly permanent: number;
  readonly recent: number;
  readonly longTerm: number;
}

/** About a third of the frames for each kind: of ten, three that were given, three recent ones and four that span the past. */
export function bankLimits(frames: number): BankLimits {
  const share = Math.max(1, Math.round(0.3 * frames));
  return { permanent: share, recent: share, longTerm: frames - 2 * share };
}

/** What the memory network was trained and measured with. */
export const FULL_BANK = bankLimits(10);

/**
 * Which frames are remembered; frames by number since the session's start. A fixed number at one time, however long the video:
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

/**
 * Masks were given on this frame: it is kept as one of the permanent frames, of which the first never leaves. Of the others the one leaves that is
 * `worth` least, of equal ones the eldest.
 */
export function keepForGood(schedule: BankSchedule, frame: number, { permanent }: BankLimits = FULL_BANK, worth: (frame: number) => number = () => 0): void {
  const [first, ...rest] = [...schedule.permanent.filter((other) => other !== frame), frame];
  if (rest.length >= permanent) {
    const worths = (permanent > 1 ? rest.slice(0, -1) : rest).map(worth);
    rest.splice(worths.indexOf(Math.min(...worths)), 1);
  }
  schedule.permanent = [first!, ...rest];
}

/** This frame was tracked. */
export function keepForNow(schedule: BankSchedule, frame: number, { recent, longTerm }: BankLimits = FULL_BANK): void {
  schedule.recent = [...schedule.recent, frame].slice(-recent);
  if (frame % schedule.interval !== 0) return;
  schedule.longTerm = [...schedule.longTerm, frame];
  if (schedule.longTerm.length <= longTerm) return;
  schedule.interval *= 2;
  schedule.longTerm = schedule.longTerm.filter((other) => other % schedule.interval === 0);
}

/** All frames with a role, ascending. */
export function keptFrames(schedule: BankSchedule): number[] {
  return [...new Set([...schedule.permanent, ...schedule.recent, ...schedule.longTerm])].sort((a, b) => a - b);
}
