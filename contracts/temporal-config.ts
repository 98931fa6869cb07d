import { z } from 'zod';

/** Time between two heartbeats of a running step. */
export const BEAT_MS = 2000;

const duration = z.string().regex(/^\d+(ms|s|m|h|d)$/, 'must be a number with a unit, such as 30s');
const slots = z.int().min(1).max(1000);
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/);

/**
 * temporal.yaml: what this application is on Temporal. Holds no address and no secret (those come from TEMPORAL_ADDRESS,
 * TEMPORAL_PROFILE and the like). Workers, command line and dev server read it; nothing else sets these values.
 */
export const temporalConfigSchema = z.strictObject({
  version: z.literal(1),
  namespace: z.strictObject({
    name: name.default('default').describe('Used when the connection names none.'),
    retention: duration.default('30d').describe('How long closed workflows are kept by a namespace that we create.'),
  }),
  taskQueuePrefix: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/).default('vamg').describe('Queues are <prefix>-control, <prefix>-media, <prefix>-inference.'),
  searchAttributes: z.record(name, z.enum(['Keyword', 'Int', 'Double', 'Bool', 'Datetime'])),
  workers: z.strictObject({
    control: z.strictObject({ slots }),
    media: z.strictObject({ slots }),
    inference: z.strictObject({
      slots: slots.describe('Chunks at one time per inference process group; one per GPU.'),
      heartbeatThrottle: duration.describe('How stale the heartbeat on the server may be.'),
      stall: duration.describe('An attempt in which nothing advances for this long is given up.'),
      threads: z.int().min(1).max(256).nullable().default(null).describe('CPU threads of one network run; null uses all cores. Set it when several workers share a machine.'),
      memoryLimitMb: z.int().min(256).nullable().default(null).describe('An inference process that grows past this is replaced and its chunk goes on; null is no limit.'),
    }),
    heartbeatTimeout: duration.default('30s').refine((text) => durationMs(text) >= 3 * BEAT_MS, 'must be at least 6s, which is three beats').describe('A step of a video whose worker has died is given to another one after this time without a heartbeat.'),
    maxCachedWorkflows: z.int().min(0).max(10_000).default(100),
    shutdownGrace: duration.describe('Time for running activities to store a checkpoint after SIGTERM.'),
    shutdownForce: duration.describe('After this time the process ends whatever still runs; longer than shutdownGrace.'),
    deployment: name.default('video-amg').describe('Name of the worker deployment whose versions `vamg worker --build-id` sets.'),
  }).refine(({ shutdownGrace, shutdownForce }) => durationMs(shutdownForce) > durationMs(shutdownGrace), { path: ['shutdownForce'], error: 'must be longer than shutdownGrace' }),
  devServer: z.strictObject({
    ip: z.literal('127.0.0.1').default('127.0.0.1').describe('The dev server has no login: only this machine may reach it.'),
    dynamicConfig: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  }),
  schedules: z.strictObject({
    overlap: z.enum(['SKIP', 'BUFFER_ONE', 'ALLOW_ALL']).default('SKIP'),
    catchupWindow: duration.default('12h'),
    jitter: duration.default('10m'),
    timezone: z.string().default('UTC'),
    pauseOnFailure: z.boolean().default(true),
  }),
  observability: z.strictObject({
    prometheus: z.string().regex(/^[0-9.]+:\d+$/).nullable().default(null).describe('Address for metrics of the workers, for example 127.0.0.1:9464.'),
  }),
});
export type TemporalConfig = z.output<typeof temporalConfigSchema>;

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration of temporal.yaml. */
export function durationMs(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (match === null) throw new RangeError(`"${text}" is not a duration such as 30s`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
