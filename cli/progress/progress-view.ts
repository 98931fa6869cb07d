import { SingleBar } from 'cli-progress';
import type { SegmentProgress } from '../../contracts/messages';
import type { Output } from '../output/output';
import { RateMeter } from '../../core/pipeline/rate-meter';
import { chunkMap, paceWords, phaseWords } from './describe-progress';

/** Shows how a job advances; `show` as often as there is news, `end` once. */
export interface ProgressView {
  /** `fraction` of the work on the chunks is done, 0..1. */
  show(progress: SegmentProgress, fraction: number): void;
  end(): void;
}

const PLAIN_EVERY_MS = 10_000;

/** A bar on a terminal, plain lines now and then elsewhere; nothing with --json. All on stderr. */
export function createProgressView(out: Output, isTerminal: boolean, now: () => number = Date.now): ProgressView {
  if (out.isJson) return { show: () => undefined, end: () => undefined };
  return isTerminal ? barView(now) : lineView(out, now);
}

function barView(now: () => number): ProgressView {
  const rate = new RateMeter();
  let bar: SingleBar | null = null;
  return {
    show(progress, fraction) {
      const done = Math.round(fraction * progress.positions);
      rate.add(now(), done);
      const payload = {
        phase: phaseWords(progress),
        map: chunkMap(progress.chunks),
        objects: progress.objects === null ? '' : `  ${progress.objects} objects`,
        pace: paceWords(progress, done, rate.framesPerSecond()),
      };
      const total = Math.max(1, progress.positions);
      if (bar === null) {
        bar = new SingleBar({ format: '{bar} {percentage} %  {value}/{total} frames  [{map}]{objects}  {phase}  {pace}', hideCursor: true, clearOnComplete: true, barsize: 20, stream: process.stderr, barCompleteChar: '\u2588', barIncompleteChar: '\u2591' });
        bar.start(total, done, payload);
      } else {
        bar.setTotal(total);
        bar.update(done, payload);
      }
    },
    end: () => bar?.stop(),
  };
}

function lineView(out: Output, now: () => number): ProgressView {
  const rate = new RateMeter();
  let last = { key: '', atMs: -Infinity };
  return {
    show(progress, fraction) {
      const done = Math.round(fraction * progress.positions);
      rate.add(now(), done);
      const key = `${progress.phase} ${progress.paused}`;
      const hasMoved = progress.phase === 'chunks' || progress.phase === 'render';
      if (key === last.key && !(hasMoved && now() - last.atMs >= PLAIN_EVERY_MS)) return;
      last = { key, atMs: now() };
      out.note(plainLine(progress, done, rate.framesPerSecond()));
    },
    end: () => undefined,
  };
}

/** "finding and following objects: 120 of 240 frames, chunks TTd., 2.5 frames/s, about 48 s left" */
export function plainLine(progress: SegmentProgress, done: number, rate: number): string {
  const parts = [phaseWords(progress)];
  if (progress.positions > 0) {
    const pace = paceWords(progress, done, rate);
    const objects = progress.objects === null ? '' : `, ${progress.objects} objects`;
    parts.push(`${done} of ${progress.positions} frames, chunks ${chunkMap(progress.chunks)}${objects}${pace === '' ? '' : `, ${pace}`}`);
  }
  return parts.join(': ');
}
