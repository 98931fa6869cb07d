import { VamgError } from '../contracts/errors';

/** core throws RangeError with a sentence for the user where options do not fit the video. @throws VamgError BadConfig in its place */
export function inUserWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new VamgError('BadConfig', error.message, { cause: error });
    throw error;
  }
}
