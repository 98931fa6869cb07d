import type { Moment } from '../../contracts/edits';

/** Seconds of "3.5s", "1:02.5" or "1:00:02"; null for a frame. */
export function secondsOf(moment: Moment): number | null {
  if (typeof moment === 'number' || /^\d+$/.test(moment)) return null;
  if (moment.endsWith('s')) return Number(moment.slice(0, -1));
  return moment.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/**
 * Frames of moments: a frame is itself; a time is the first processed frame at or after it.
 * @param times frame and seconds of every processed frame, in order. @throws RangeError for a time after the last of them
 */
export async function findMoments(moments: readonly Moment[], times: AsyncIterable<{ readonly frame: number; readonly time: number }>): Promise<ReadonlyMap<Moment, number>> {
  const found = new Map<Moment, number>();
  const wanted: { moment: Moment; seconds: number }[] = [];
  for (const moment of new Set(moments)) {
    const seconds = secondsOf(moment);
    if (seconds === null) found.set(moment, Number(moment));
    else wanted.push({ moment, seconds });
  }
  if (wanted.length === 0) return found;
  wanted.sort((a, b) => a.seconds - b.seconds);
  let next = 0;
  let last = 0;
  for await (const { frame, time } of times) {
    last = time;
    while (next < wanted.length && wanted[next]!.seconds <= time) found.set(wanted[next++]!.moment, frame);
    if (next === wanted.length) return found;
  }
  throw new RangeError(`the last frame is at ${last} s, so there is none at ${wanted[next]!.moment}`);
}
