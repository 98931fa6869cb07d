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
