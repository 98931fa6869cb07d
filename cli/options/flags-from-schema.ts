import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import { fromUserFolder } from '../output/user-folder';
import { describeAllowed, describeDefault, flagSpecs, kebabCase, type FlagSpec } from './flag-spec';
import { parseFlagValue } from './parse-flag';

/** Stands for null between commander and us: commander would make it an empty string. */
const NONE = Symbol('none');

export interface SchemaFlagsOptions {
  /** Heading in the help, without the colon. */
  readonly group: string;
  /** Fields that get no flag. */
  readonly exclude?: readonly string[];
  /** Text after the description in place of "default …", for fields whose default is not the schema's. */
  readonly defaults?: Readonly<Record<string, string>>;
}

/** Add a flag for every field of an object schema: name, type, range, default and description come from the schema. */
export function addSchemaFlags(command: Command, schema: z.ZodType, options: SchemaFlagsOptions): Command {
  for (const spec of flagSpecs(schema, options.exclude)) addFlag(command, spec, options.group, options.defaults?.[spec.key]);
  return command;
}

function addFlag(command: Command, spec: FlagSpec, group: string, defaultText: string | undefined): void {
  const help = flagHelp(spec, defaultText);
  if (spec.kind === 'boolean') {
    const no = spec.flag.replace('--', '--no-');
    command.addOption(new Option(spec.flag, help).helpGroup(`${group}:`));
    command.addOption(new Option(no, `The opposite of ${spec.flag}.`).helpGroup(`${group}:`));
    return;
  }
  const option = new Option(`${spec.flag} <${placeholder(spec)}>`, help).helpGroup(`${group}:`);
  command.addOption(option.argParser((text) => parseFlagValue(spec, text) ?? NONE));
}

function flagHelp(spec: FlagSpec, defaultText = describeDefault(spec)): string {
  const range = spec.kind === 'integer' || spec.kind === 'number' ? `${describeAllowed(spec)}; ` : '';
  return `${inFlagWords(spec.description)} (${range}default ${defaultText})`;
}

/** Schema words as the user types them: pointsPerSide -> --points-per-side, null -> none. */
export function inFlagWords(description: string): string {
  return description.replace(/\b[a-z]+(?:[A-Z][A-Za-z0-9]*)+\b/g, (key) => `--${kebabCase(key)}`).replace(/\bnull\b/g, 'none');
}

function placeholder(spec: FlagSpec): string {
  if (spec.kind === 'choice') return spec.choices!.join('|');
  if (spec.kind === 'integer') return 'n';
  if (spec.kind === 'number') return 'x';
  return spec.kind === 'json-file' ? 'file.json' : 'name';
}

/**
 * What the user gave of a schema's fields, and nothing else: absent flags are absent. `opts` is commander's `command.opts()`.
 * @throws VamgError BadConfig
 */
export function readSchemaFlags(opts: Readonly<Record<string, unknown>>, schema: z.ZodType): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const spec of flagSpecs(schema)) {
    const value = opts[spec.key];
    if (value === undefined) continue;
    given[spec.key] = value === NONE ? null : spec.kind === 'json-file' && typeof value === 'string' ? readJsonFile(value, spec.flag) : value;
  }
  return given;
}

function readJsonFile(file: string, flag: string): unknown {
  try {
    return JSON.parse(readFileSync(fromUserFolder(file), 'utf8'));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read';
    throw new VamgError('BadConfig', `${flag}: ${file} ${why}.`, { cause });
  }
}
