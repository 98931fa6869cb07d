import { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import { resolveSegmentOptions, type SegmentOptions, type SegmentOptionsInput } from '../../contracts/segment-options';
import type { PRESET_NAMES } from '../../contracts/presets';
import { kebabCase } from './flag-spec';
import { parseFlagValue } from './parse-flag';
import { FLAG_GROUPS, groupSpecs, presetValue, type OptionPart } from './segment-flags';

export type OptionSource = 'flag' | 'env' | 'temporal.yaml' | 'preset' | 'default';

/** One option with its value and where the value comes from. */
export interface SourcedOption {
  readonly group: string;
  readonly flag: string;
  readonly value: unknown;
  readonly source: OptionSource;
}

export interface ResolvedOptions {
  readonly options: SegmentOptions;
  readonly sourced: readonly SourcedOption[];
}

type Layer = Readonly<Record<string, unknown>>;
export interface OptionLayers {
  /** From `readSegmentFlags`. */
  readonly flags?: Layer;
  readonly env?: NodeJS.ProcessEnv;
  /** The `segment` section of temporal.yaml, in the shape of the options. */
  readonly file?: Layer;
}

/** VAMG_POINTS_PER_SIDE for pointsPerSide. */
export function environmentName(key: string): string {
  return `VAMG_${kebabCase(key).replaceAll('-', '_').toUpperCase()}`;
}

/**
 * Fill every option: flag, else environment, else temporal.yaml, else preset, else the schema's default.
 * @throws VamgError BadConfig
 */
export function resolveOptions({ flags = {}, env = process.env, file = {} }: OptionLayers): ResolvedOptions {
  const input: Record<string, unknown> = { amg: {}, tracking: {}, planning: {}, output: {} };
  const sources = new Map<string, OptionSource>();
  for (const { part, spec } of allFlags()) {
    const name = environmentName(spec.key);
    const text = env[name];
    const candidates: [OptionSource, unknown][] = [
      ['flag', valueIn(flags, part, spec.key)],
      ['env', text === undefined || text === '' || spec.kind === 'json-file' ? undefined : parseFlagValue(spec, text, name)],
      ['temporal.yaml', valueIn(file, part, spec.key)],
    ];
    const found = candidates.find(([, value]) => value !== undefined);
    if (found === undefined) continue;
    sources.set(`${part}.${spec.key}`, found[0]);
    (part === '' ? input : (input[part] as Record<string, unknown>))[spec.key] = found[1];
  }
  const amg = input['amg'] as Record<string, unknown>;
  if (Array.isArray(amg['pointGrids']) && amg['pointsPerSide'] === undefined) amg['pointsPerSide'] = null;
  const options = checkTogether(parse(input));
  return { options, sourced: allFlags().map(({ group, part, spec }) => describe(options, sources, group, part, spec.key)) };
}

function allFlags() {
  return FLAG_GROUPS.flatMap((entry) => groupSpecs(entry).map((spec) => ({ group: entry.group, part: entry.part, spec })));
}

function valueIn(layer: Layer, part: OptionPart, key: string): unknown {
  const from = part === '' ? layer : (layer[part] as Layer | undefined);
  return from?.[key];
}

function describe(options: SegmentOptions, sources: ReadonlyMap<string, OptionSource>, group: string, part: OptionPart, key: string): SourcedOption {
  const preset = presetValue(options.preset as (typeof PRESET_NAMES)[number], part, key);
  const source = sources.get(`${part}.${key}`) ?? (preset === undefined ? 'default' : 'preset');
  return { group, flag: `--${kebabCase(key)}`, value: valueIn(options as unknown as Layer, part, key), source };
}

function parse(input: Record<string, unknown>): SegmentOptions {
  try {
    return resolveSegmentOptions(input as SegmentOptionsInput);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const issue = error.issues[0]!;
    const key = [...issue.path].reverse().find((part) => typeof part === 'string');
    const where = key === undefined ? 'The options' : `--${kebabCase(String(key))}`;
    throw new VamgError('BadConfig', `${where} cannot be used: ${issue.message}.`, { cause: error });
  }
}

/** Rules between options. */
function checkTogether(options: SegmentOptions): SegmentOptions {
  const { planning, amg, tracking } = options;
  if (planning.end !== null && planning.end <= planning.start)
    throw new VamgError('BadConfig', `--end (${planning.end}) must be later than --start (${planning.start}).`);
  if (planning.overlapFrames !== null && planning.overlapFrames * 2 >= planning.chunkFrames)
    throw new VamgError('BadConfig', `--overlap-frames (${planning.overlapFrames}) must be less than half of --chunk-frames (${planning.chunkFrames}).`);
  if (amg.pointGrids !== null && amg.pointsPerSide !== null)
    throw new VamgError('BadConfig', 'Give one of --points-per-side and --point-grids, not both.');
  if (amg.pointGrids === null && amg.pointsPerSide === null)
    throw new VamgError('BadConfig', 'Without --points-per-side the points must come from --point-grids FILE.json.');
  if (tracking.onlyPrompted && tracking.tracker === 'iou')
    throw new VamgError('BadConfig', '--tracker iou follows what the mask generator finds, which --only-prompted switches off; use --tracker memory or prompt.');
  return options;
}
