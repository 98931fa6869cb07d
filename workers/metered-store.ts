import type { MetricMeter } from '@temporalio/common';
import type { ObjectStat, ObjectStore } from '../adapters/store/object-store';
import { VamgError } from '../contracts/errors';
import { METRICS } from '../contracts/metrics';

/** The same store, counting calls that fail. That an object is not there is an answer, not a failure. */
export function meteredStore(store: ObjectStore, meter: MetricMeter): ObjectStore {
  const errors = meter.createCounter(METRICS.storeErrors.name, undefined, METRICS.storeErrors.meaning);
  const noted = (operation: string, error: unknown): unknown => {
    const failure = error instanceof VamgError ? error.failure : 'Internal';
    if (failure !== 'NotFound') errors.add(1, { operation, failure });
    return error;
  };
  const counting = async <T>(operation: string, call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw noted(operation, error);
    }
  };
  return {
    description: store.description,
    put: (key, bytes) => counting('put', store.put(key, bytes)),
    putFile: (key, localPath) => counting('put', store.putFile(key, localPath)),
    putIfAbsent: (key, bytes) => counting('put', store.putIfAbsent(key, bytes)),
    get: (key) => counting('get', store.get(key)),
    getToFile: (key, localPath) => counting('get', store.getToFile(key, localPath)),
    stat: (key) => counting('stat', store.stat(key)),
    exists: (key) => counting('stat', store.exists(key)),
    remove: (key) => counting('remove', store.remove(key)),
    removeUnfinished: (olderThanMs) => counting('remove', store.removeUnfinished(olderThanMs)),
    async *list(prefix): AsyncGenerator<ObjectStat> {
      try {
        yield* store.list(prefix);
      } catch (error) {
        throw noted('list', error);
      }
    },
  };
}
