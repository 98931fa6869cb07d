import { VamgError } from './errors';

/**
 * core throws RangeError with a sentence for the user where what they gave does not fit the video.
 * @param about what was given, put before the sentence
 * @throws VamgError BadConfig in its place
 */
export function inUserWords<T>(work: () => T, about = ''): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new VamgError('BadConfig', `${about}${error.message}`, { cause: error });
    throw error;
  }
}
