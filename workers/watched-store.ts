import type { MetricMeter } from '@temporalio/common';
import type { ObjectStat, ObjectStore } from '../adapters/store/object-store';
import { VamgError } from '../contracts/errors';
import { METRICS } from '../contracts/metrics';
import { STORE_SPAN_MS } from './tracing/traced';
import type { Tracing } from './tracing/tracing';

/** The same store, counting calls that fail, and with spans of those that take long. That an object is not there is an answer, not a failure. */
export function watchedStore(store: ObjectStore, meter: MetricMeter, tracing: Tracing | null = null): ObjectStore {
  const errors = meter.createCounter(METRICS.storeErrors.name, undefined, METRICS.storeErrors.meaning);
  const noted = (operation: string, error: unknown): unknown => {
    const failure = error instanceof VamgError ? error.failure : 'Internal';
    if (failure !== 'NotFound') errors.add(1, { operation, failure });
    return error;
  };
  const watching = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await (tracing === null ? call() : tracing.span(`store ${operation}`, {}, call, { minMs: STORE_SPAN_MS }));
    } catch (error) {
      throw noted(operation, error);
    }
  };
  return {
    description: store.description,
    put: (key, bytes) => watching('put', () => store.put(key, bytes)),
    putFile: (key, localPath) => watching('put', () => store.putFile(key, localPath)),
    putIfAbsent: (key, bytes) => watching('put', () => store.putIfAbsent(key, bytes)),
    get: (key) => watching('get', () => store.get(key)),
    getToFile: (key, localPath) => watching('get', () => store.getToFile(key, localPath)),
    stat: (key) => watching('stat', () => store.stat(key)),
    exists: (key) => watching('stat', () => store.exists(key)),
    remove: (key) => watching('remove', () => store.remove(key)),
    removeAbandoned: (beforeMs) => watching('remove', () => store.removeAbandoned(beforeMs)),
    async *list(prefix): AsyncGenerator<ObjectStat> {
      try {
        yield* store.list(prefix);
      } catch (error) {
        throw noted('list', error);
      }
    },
  };
}
