import { timed } from './timed';

/** Seconds per frame of a tracker, by the clock and of CPU (for a machine that does other things too), the first frames left out. */
export class FrameClock {
  private counted = 0;
  private wall = 0;
  private cpu = 0;

  /** @param warmUp first frame that counts */
  constructor(private readonly warmUp: number) {}

  async time<T>(frame: number, work: () => Promise<T>): Promise<T> {
    const { result, seconds, cpuSeconds } = await timed(work);
    if (frame >= this.warmUp) {
      this.counted++;
      this.wall += seconds;
      this.cpu += cpuSeconds;
    }
    return result;
  }

  /** What was measured, and what this process and a checkpoint need. */
  figures(objects: number, checkpoint: Uint8Array): string[] {
    return [
      `${(this.wall / this.counted).toFixed(2)} s (${(this.cpu / this.counted).toFixed(2)} s of CPU) per frame with ${objects} objects`,
      `peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
      `checkpoint ${(checkpoint.length / 1e6).toFixed(1)} MB`,
    ];
  }
}
