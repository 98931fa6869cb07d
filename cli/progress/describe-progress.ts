import type { Phase, SegmentProgress } from '../../contracts/messages';

const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  probe: 'reading the video',
  plan: 'cutting it into chunks',
  chunks: 'finding and following objects',
  match: 'matching chunks',
  resolve: 'giving every object one ID',
  render: 'drawing the result',
  publish: 'writing the result',
  done: 'done',
};

/** What the job is doing, in words. */
export function phaseWords({ phase, paused }: Pick<SegmentProgress, 'phase' | 'paused'>): string {
  return paused ? `paused (was ${PHASE_WORDS[phase]})` : PHASE_WORDS[phase];
}

/** Chunk letters squeezed to at most `width` characters: the least advanced state of each group stands for it. */
export function chunkMap(chunks: string, width = 32): string {
  const order = 'Fwdt TrD';
  const shown = chunks.replaceAll('w', '.');
  if (shown.length <= width) return shown;
  return Array.from({ length: width }, (_, i) => {
    const group = [...chunks.slice(Math.floor((i * chunks.length) / width), Math.floor(((i + 1) * chunks.length) / width))];
    const least = group.reduce((a, b) => (order.indexOf(a) <= order.indexOf(b) ? a : b));
    return least === 'w' ? '.' : least;
  }).join('');
}

/** "1 h 05 min", "3 min 20 s", "12 s". */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${whole} s`;
}

/** Rate and time left of the phase that takes the time; empty while nothing is known. */
export function paceWords(progress: Pick<SegmentProgress, 'phase' | 'positions'>, framesDone: number, rate: number): string {
  if (progress.phase !== 'chunks' || rate < 0.02) return '';
  const left = (progress.positions - framesDone) / rate;
  return `${rateWords(rate)}, about ${durationWords(left)} left`;
}

/** "3.1 frames/s", or "4.2 s per frame" for slow ones. */
export function rateWords(perSecond: number): string {
  return perSecond < 1 ? `${(1 / perSecond).toFixed(1)} s per frame` : `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} frames/s`;
}
