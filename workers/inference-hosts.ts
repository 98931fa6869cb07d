import path from 'node:path';
import type { InferenceHost } from '../contracts/inference';
import { durationMs } from '../contracts/temporal-config';
import { createInferenceHost } from '../models/runtime/inference-host';
import type { CreateActivitiesOptions } from './create-activities';
import { gpuEnvironment } from './gpus';

type HostsOptions = Pick<CreateActivitiesOptions, 'config' | 'inferenceSlots' | 'gpus' | 'log' | 'inferenceEntry'>;

/** As many inference processes as slots, dealt out over the GPUs in turn. None starts before its first job. */
export function createHosts({ config, inferenceSlots, gpus, log, inferenceEntry = path.join(config.root, 'dist', 'workers', 'inference-process.js') }: HostsOptions): InferenceHost[] {
  const { stall, threads, memoryLimitMb } = config.temporal.workers.inference;
  return Array.from({ length: inferenceSlots }, (_, index) =>
    createInferenceHost({
      entry: inferenceEntry,
      stallTimeoutMs: durationMs(stall),
      threads,
      memoryLimitBytes: memoryLimitMb === null ? null : memoryLimitMb * 1048576,
      env: gpuEnvironment(gpus, index),
      log: (level, message) => log[level]({ source: 'inference process' }, message),
    }),
  );
}

/** One host made of several: a job takes one that is free. */
export function hostPool(hosts: readonly InferenceHost[]): InferenceHost {
  const free = [...hosts];
  return {
    async runJob(job, handlers, signal) {
      const host = free.shift() ?? hosts[0]!;
      try {
        return await host.runJob(job, handlers, signal);
      } finally {
        free.push(host);
      }
    },
    close: async () => void (await Promise.all(hosts.map((host) => host.close()))),
  };
}
