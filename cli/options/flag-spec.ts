import { z } from 'zod';

export type FlagKind = 'boolean' | 'integer' | 'number' | 'text' | 'choice' | 'json-file';

/** One command-line flag, read off one field of a zod schema. */
export interface FlagSpec {
  /** Name of the field, camelCase. */
  readonly key: string;
  /** With dashes: --points-per-side. */
  readonly flag: string;
  readonly kind: FlagKind;
  readonly description: string;
  readonly default: unknown;
  /** True when the field may be null. */
  readonly isNullable: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The minimum itself is not allowed. */
  readonly isAboveMinimum?: boolean;
  readonly choices?: readonly string[];
  readonly pattern?: RegExp;
  /** What a text may be, in words, from the schema's meta data. */
  readonly allowed?: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly allowed?: string;
}

/** pointsPerSide -> points-per-side. */
export function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flags of all fields of an object schema, in its order; fields that are objects themselves are left out. */
export function flagSpecs(schema: z.ZodType, exclude: readonly string[] = []): FlagSpec[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  return Object.entries(properties)
    .filter(([key, field]) => field.type !== 'object' && !exclude.includes(key))
    .map(([key, field]) => flagSpec(key, field));
}

function flagSpec(key: string, field: JsonSchema): FlagSpec {
  const value = field.anyOf?.find((part) => part.type !== 'null') ?? field;
  const minimum = value.exclusiveMinimum ?? value.minimum;
  return {
    key,
    flag: `--${kebabCase(key)}`,
    kind: kindOf(key, value),
    description: field.description ?? '',
    default: field.default,
    isNullable: field.anyOf?.some((part) => part.type === 'null') ?? false,
    ...(minimum !== undefined && { minimum }),
    ...(value.exclusiveMinimum !== undefined && { isAboveMinimum: true }),
    ...(value.maximum !== undefined && value.maximum < Number.MAX_SAFE_INTEGER && { maximum: value.maximum }),
    ...(value.enum !== undefined && { choices: value.enum }),
    ...(value.pattern !== undefined && { pattern: new RegExp(value.pattern) }),
    ...(value.allowed !== undefined && { allowed: value.allowed }),
  };
}

function kindOf(key: string, field: JsonSchema): FlagKind {
  if (field.enum !== undefined) return 'choice';
  if (field.type === 'boolean' || field.type === 'integer' || field.type === 'number') return field.type;
  if (field.type === 'string') return 'text';
  if (field.type === 'array') return 'json-file';
  throw new TypeError(`field ${key} cannot be made into a command-line flag`);
}

/** What values a flag takes: "a whole number from 1 to 128". */
export function describeAllowed(spec: FlagSpec): string {
  if (spec.kind === 'boolean') return 'true or false';
  if (spec.kind === 'json-file') return 'a JSON file';
  if (spec.kind === 'choice') return `one of ${spec.choices!.join(', ')}`;
  if (spec.kind === 'text') return spec.allowed ?? (spec.pattern === undefined ? 'text' : 'a plain name (lower-case letters, digits, dots, dashes)');
  const number = spec.kind === 'integer' ? 'a whole number' : 'a number';
  if (spec.minimum === undefined) return number;
  const from = spec.isAboveMinimum ? `above ${spec.minimum}` : `from ${spec.minimum}`;
  if (spec.maximum === undefined) return spec.isAboveMinimum ? `${number} ${from}` : `${number}, ${spec.minimum} or more`;
  return `${number} ${from} to ${spec.maximum}`;
}

/** The default as people read it. */
export function describeDefault(spec: FlagSpec): string {
  if (spec.default === null || spec.default === undefined) return 'none';
  if (typeof spec.default === 'number') return String(Number(spec.default.toFixed(4)));
  return String(spec.default);
}
