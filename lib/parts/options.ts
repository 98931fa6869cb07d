import { prettifyError, type z } from 'zod';
import { amgOptionsSchema, type AmgOptions } from '../../contracts/amg-options';
import { VamgError } from '../../contracts/errors';
import { PRESETS, type PresetName } from '../../contracts/presets';
import { resolveSegmentOptions, type SegmentOptions, type SegmentOptionsInput } from '../../contracts/segment-options';

/** SAM's parameters, camel-cased; what is left out has SAM's default. */
export type AmgOptionsInput = z.input<typeof amgOptionsSchema>;

/**
 * All parameters of the mask generator: what is given, else the preset's value, else SAM's default.
 * @throws VamgError BadConfig naming what cannot be used
 */
export function amgOptions(input: AmgOptionsInput = {}, preset?: PresetName): AmgOptions {
  const parsed = amgOptionsSchema.safeParse({ ...(preset === undefined ? {} : PRESETS[preset].amg), ...input });
  if (!parsed.success) throw badOptions(parsed.error);
  return parsed.data;
}

/**
 * All options of a job: what is given, else the preset's value, else the default (docs/options.md).
 * @throws VamgError BadConfig naming what cannot be used
 */
export function segmentOptions(input: SegmentOptionsInput = {}): SegmentOptions {
  try {
    return resolveSegmentOptions(input);
  } catch (error) {
    if (error instanceof Error && error.name === 'ZodError') throw badOptions(error as z.ZodError);
    throw error;
  }
}

function badOptions(error: z.ZodError): VamgError {
  return new VamgError('BadConfig', `The options cannot be used: ${prettifyError(error).replace(/\s*\n\s*/g, ' ')}`, { cause: error });
}
