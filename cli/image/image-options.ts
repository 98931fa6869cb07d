import type { z } from 'zod';
import { amgOptionsSchema, type AmgOptions } from '../../contracts/amg-options';
import { VamgError } from '../../contracts/errors';
import { PRESETS, type PresetName } from '../../contracts/presets';
import { segmentOptionsSchema } from '../../contracts/segment-options';
import { kebabCase } from '../options/flag-spec';
import { readSchemaFlags } from '../options/flags-from-schema';

export interface ImageOptions {
  readonly model: string;
  readonly device: string;
  readonly inputSize: number;
  readonly amg: AmgOptions;
}

/** Without --preset a picture gets the finest network and SAM's own defaults; a preset brings its size and its thresholds. */
const DEFAULT_PRESET: PresetName = 'quality';

/**
 * What the flags of `vamg image` say. `flags` is commander's `command.opts()`.
 * @throws VamgError BadConfig
 */
export function resolveImageOptions(flags: Readonly<Record<string, unknown>>): ImageOptions {
  const top = readSchemaFlags(flags, segmentOptionsSchema) as { preset?: PresetName; model?: string; device?: string; inputSize?: number };
  const given = readSchemaFlags(flags, amgOptionsSchema);
  if (given['pointGrids'] !== undefined && given['pointsPerSide'] === undefined) given['pointsPerSide'] = null;
  const parsed = amgOptionsSchema.safeParse({ ...(top.preset ? PRESETS[top.preset].amg : {}), ...given });
  if (!parsed.success) throw badOption(parsed.error);
  const shape = segmentOptionsSchema.shape;
  return {
    model: shape.model.parse(top.model),
    device: shape.device.parse(top.device),
    inputSize: top.inputSize ?? PRESETS[top.preset ?? DEFAULT_PRESET].inputSize,
    amg: parsed.data,
  };
}

function badOption(error: z.ZodError): VamgError {
  const issue = error.issues[0]!;
  const key = issue.path.find((part) => typeof part === 'string');
  const where = key === undefined ? 'The options' : `--${kebabCase(String(key))}`;
  return new VamgError('BadConfig', `${where} cannot be used: ${issue.message}.`, { cause: error });
}
