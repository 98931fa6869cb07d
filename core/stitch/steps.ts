/** A long computation that can be left alone now and then: it yields where that is possible, and returns its result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** The result, without a pause. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
