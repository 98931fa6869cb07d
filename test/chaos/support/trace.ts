import { readFileSync } from 'node:fs';
import type { TraceLine } from '../../../bench/simulation/stand-in';

export interface Repeated {
  /** Frames that were tracked or detected more often than once, each counted as often as it was repeated. */
  readonly frames: number;
  /** All frames that were tracked or detected at least once. */
  readonly distinct: number;
}

/** What the stand-in's processes of all workers say they have done. */
export class Trace {
  constructor(private readonly file: string) {}

  lines(): TraceLine[] {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch {
      return [];
    }
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as TraceLine]));
  }

  /** Frames tracked so far, repeated ones counted again. */
  tracked(): number {
    return this.lines().filter(({ stage, event }) => stage === 'track' && event === 'frame').length;
  }

  /** Attempts that began at or after a moment. */
  attempts(sinceMs = 0): TraceLine[] {
    return this.lines().filter(({ event, atMs }) => event === 'begin' && atMs >= sinceMs);
  }

  /** The first attempt after a moment at the chunk that was last tracked before it. */
  resumed(sinceMs: number): TraceLine | undefined {
    const last = this.lines().findLast(({ stage, atMs }) => stage === 'track' && atMs <= sinceMs);
    return this.attempts(sinceMs).find(({ stage, video, chunk }) => stage === 'track' && video === last?.video && chunk === last.chunk);
  }

  repeated(): Repeated {
    const frames = this.lines().filter(({ event }) => event === 'frame');
    const distinct = new Set(frames.map(({ video, stage, chunk, value }) => `${video} ${stage} ${chunk} ${value}`)).size;
    return { frames: frames.length - distinct, distinct };
  }
}
