import type { ScheduleStatus } from '../../workers/archive-schedules';
import { durationWords } from '../progress/describe-progress';

/** Lines of `vamg schedule show`. */
export function describeSchedule(status: ScheduleStatus): string[] {
  const { name, paused, note, source, dest, next, running, recent, taken, missedCatchup, skippedOverlap, settings } = status;
  const words = (ms: number | null): string => (ms === null ? 'none' : durationWords(ms / 1000));
  return [
    `${name}: ${paused ? `paused${note === null || note === '' ? '' : ` (${note})`}` : 'active'}`,
    `  archive   ${source ?? 'unknown'}`,
    `  results   ${dest ?? 'unknown'}`,
    `  next      ${paused ? 'none while paused' : next.slice(0, 3).join(', ') || 'none'}`,
    `  settings  overlap ${settings.overlap}, catch-up ${words(settings.catchupWindowMs)}, jitter ${words(settings.jitterMs)}, time zone ${settings.timezone ?? 'UTC'}, pause on failure ${settings.pauseOnFailure ? 'yes' : 'no'}`,
    `  so far    ${taken} runs; ${missedCatchup} missed in outages, ${skippedOverlap} skipped because the run before was on its way`,
    ...(running.length > 0 ? [`  running   ${running.join(', ')}`] : []),
    ...recent.slice(-5).map(({ id, started }) => `  run       ${id} (began ${started})`),
  ];
}
