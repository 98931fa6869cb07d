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

/** Frames per second over the last minute or so, so that the estimate follows what really happens. */
export class RateMeter {
  private readonly samples: { atMs: number; done: number }[] = [];

  add(atMs: number, done: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && done < last.done) this.samples.length = 0;
    this.samples.push({ atMs, done });
    while (this.samples.length > 2 && atMs - this.samples[0]!.atMs > 90_000) this.samples.shift();
  }

  /** 0 until something was measured. */
  framesPerSecond(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < 2000) return 0;
    return ((last.done - first.done) * 1000) / (last.atMs - first.atMs);
  }
}

/** Rate and time left of the phase that takes the time; empty while nothing is known. */
export function paceWords(progress: Pick<SegmentProgress, 'phase' | 'positions'>, framesDone: number, rate: number): string {
  if (progress.phase !== 'chunks' || rate < 0.02) return '';
  const left = (progress.positions - framesDone) / rate;
  const pace = rate < 1 ? `${(1 / rate).toFixed(1)} s per frame` : `${rate.toFixed(rate < 10 ? 1 : 0)} frames/s`;
  return `${pace}, about ${durationWords(left)} left`;
}
