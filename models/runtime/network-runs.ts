/** Channel (node:diagnostics_channel) on which every run of a network in this thread is told of, at no cost where nobody listens: what bench/overhead measures with. */
export const NETWORK_RUNS = 'video-amg:network-run';

/** Milliseconds since the epoch, with fractions. */
export interface NetworkRun {
  readonly startedAt: number;
  readonly endedAt: number;
}
