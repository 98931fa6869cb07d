import { CancellationScope, condition } from '@temporalio/workflow';

export interface WindowOptions {
  /** First index to start, and one past the last. */
  readonly from: number;
  readonly count: number;
  /** Most items in flight. */
  readonly limit: number;
  /** While false nothing new is started. */
  readonly mayStart: () => boolean;
  /** When true nothing new is started, and the window returns once what runs has ended. */
  readonly shouldDrain: () => boolean;
  readonly run: (index: number) => Promise<void>;
}

/**
 * Run items in order with a bounded number in flight. Returns the first index that was not started (= count unless drained).
 * The first failure, or cancellation, cancels the others and is thrown after all of them have ended.
 */
export async function runWindow(options: WindowOptions): Promise<number> {
  const running = new Map<number, Promise<void>>();
  const scope = new CancellationScope();
  let failure: { readonly error: unknown } | null = null;
  let next = options.from;

  function start(index: number): void {
    const item = options.run(index).catch((error: unknown) => {
      failure ??= { error };
      scope.cancel();
    });
    running.set(
      index,
      item.finally(() => running.delete(index)),
    );
  }

  try {
    await scope.run(async () => {
      while (next < options.count) {
        await condition(() => failure !== null || (running.size < options.limit && (options.shouldDrain() || options.mayStart())));
        if (failure !== null || options.shouldDrain()) break;
        start(next++);
      }
      await condition(() => running.size === 0);
    });
  } catch (error) {
    failure ??= { error };
  } finally {
    await CancellationScope.nonCancellable(() => condition(() => running.size === 0));
  }
  rethrow(failure);
  return next;
}

function rethrow(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
