import { VamgError } from '../../contracts/errors';
import { describeAllowed, type FlagSpec } from './flag-spec';

/**
 * Text from the command line or the environment as the value of a field. `origin` is what the user wrote it under:
 * --points-per-side or VAMG_POINTS_PER_SIDE.
 * @throws VamgError BadConfig with the allowed values in the sentence.
 */
export function parseFlagValue(spec: FlagSpec, text: string, origin: string = spec.flag): unknown {
  if (spec.isNullable && text === 'none') return null;
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return parseNumber(spec, text, origin);
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw unusable(spec, text, origin);
    case 'choice':
      if (spec.choices!.includes(text)) return text;
      throw unusable(spec, text, origin);
    case 'text':
      if (spec.pattern === undefined || spec.pattern.test(text)) return text;
      throw unusable(spec, text, origin);
    case 'json-file':
      return text;
  }
}

function parseNumber(spec: FlagSpec, text: string, origin: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
  const { minimum = -Infinity, maximum = Infinity } = spec;
  const isInRange = value <= maximum && (spec.isAboveMinimum ? value > minimum : value >= minimum);
  if (!Number.isFinite(value) || !isInRange || (spec.kind === 'integer' && !Number.isSafeInteger(value))) throw unusable(spec, text, origin);
  return value;
}

function unusable(spec: FlagSpec, text: string, origin: string): VamgError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new VamgError('BadConfig', `${origin} must be ${describeAllowed(spec)}, got '${shown}'.`);
}
