import type { Command } from 'commander';
import type { z } from 'zod';
import { amgOptionsSchema } from '../../contracts/amg-options';
import { PRESETS, PRESET_NAMES } from '../../contracts/presets';
import { outputOptionsSchema, planningOptionsSchema, segmentOptionsSchema, trackingOptionsSchema } from '../../contracts/segment-options';
import { addSchemaFlags, readSchemaFlags } from './flags-from-schema';
import { flagSpecs, type FlagSpec } from './flag-spec';

/** Part of the segmentation options that a flag sets; '' is the top level. */
export type OptionPart = '' | 'amg' | 'tracking' | 'planning' | 'output';

export interface FlagGroup {
  readonly group: string;
  readonly part: OptionPart;
  readonly schema: z.ZodType;
  readonly keys: readonly string[];
}

const VIDEO_KEYS = ['start', 'end', 'frameStep'];
const keysOf = (schema: z.ZodType, exclude: readonly string[] = []): string[] => flagSpecs(schema, exclude).map((spec) => spec.key);

/** The groups of `vamg segment --help` that come from the schemas, in the order of the help. */
export const FLAG_GROUPS: readonly FlagGroup[] = [
  { group: 'Video', part: 'planning', schema: planningOptionsSchema, keys: VIDEO_KEYS },
  { group: 'Model', part: '', schema: segmentOptionsSchema, keys: keysOf(segmentOptionsSchema) },
  { group: 'Mask generator', part: 'amg', schema: amgOptionsSchema, keys: keysOf(amgOptionsSchema, ['outputMode']) },
  { group: 'Tracking', part: 'tracking', schema: trackingOptionsSchema, keys: keysOf(trackingOptionsSchema) },
  { group: 'Chunks and stitching', part: 'planning', schema: planningOptionsSchema, keys: keysOf(planningOptionsSchema, VIDEO_KEYS) },
  { group: 'Output', part: 'output', schema: outputOptionsSchema, keys: keysOf(outputOptionsSchema) },
];

/** The flags of one group. */
export function groupSpecs({ schema, keys }: FlagGroup): FlagSpec[] {
  return flagSpecs(schema).filter((spec) => keys.includes(spec.key));
}

/** "12, 16 or 32 by preset" for options whose default is the preset's; undefined for others. */
export function presetDefault(part: OptionPart, key: string): string | undefined {
  const values = PRESET_NAMES.map((name) => presetValue(name, part, key));
  return values[0] === undefined ? undefined : `by preset: ${values.join(' / ')}`;
}

/** What a preset says about one option, or undefined. */
export function presetValue(name: (typeof PRESET_NAMES)[number], part: OptionPart, key: string): unknown {
  const preset: Readonly<Record<string, unknown>> = PRESETS[name];
  if (part === 'amg' || part === 'tracking') return (preset[part] as Readonly<Record<string, unknown>>)[key];
  return part === '' && key === 'inputSize' ? preset['inputSize'] : undefined;
}

/** Add all segmentation flags to a command; `without` names keys that it gives another meaning. */
export function addSegmentFlags(command: Command, without: readonly string[] = []): Command {
  for (const entry of FLAG_GROUPS) {
    const exclude = flagSpecs(entry.schema).map((spec) => spec.key).filter((key) => !entry.keys.includes(key) || without.includes(key));
    const defaults: Record<string, string> = {};
    for (const key of entry.keys) {
      const text = presetDefault(entry.part, key);
      if (text !== undefined) defaults[key] = text;
    }
    addSchemaFlags(command, entry.schema, { group: entry.group, exclude, defaults });
  }
  return command;
}

/** What the user gave, in the shape of the segmentation options. */
export function readSegmentFlags(opts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { amg, tracking, planning, output, ...top } = {
    ...readSchemaFlags(opts, segmentOptionsSchema),
    amg: readSchemaFlags(opts, amgOptionsSchema),
    tracking: readSchemaFlags(opts, trackingOptionsSchema),
    planning: readSchemaFlags(opts, planningOptionsSchema),
    output: readSchemaFlags(opts, outputOptionsSchema),
  };
  return { ...top, amg, tracking, planning, output };
}
