export interface Timed<T> {
  readonly result: T;
  readonly seconds: number;
  /** Processor time of this process, for a machine that does other things too. */
  readonly cpuSeconds: number;
}

export async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (performance.now() - startedAt) / 1e3, cpuSeconds: (user + system) / 1e6 };
}
