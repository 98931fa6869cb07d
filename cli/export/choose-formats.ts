import { EXPORT_FORMATS } from '../../adapters/export/registry';
import type { ExportFormat } from '../../adapters/export/types';
import { FILM_FORMATS } from '../../adapters/film-export/registry';
import type { FilmFormat } from '../../adapters/film-export/types';
import { VamgError } from '../../contracts/errors';

/** Stands for every format that needs no video. */
export const ALL = 'all';

export interface ChosenFormats {
  readonly formats: readonly ExportFormat[];
  /** Films and pictures. */
  readonly films: readonly FilmFormat[];
  /** Every format was asked for: one that cannot hold this result is left out, and said so. */
  readonly isAll: boolean;
}

/**
 * The formats that the user named with `--format`, each once, in the order of the list.
 * @param names as typed: repeated, or with commas.
 * @throws VamgError BadConfig for none, or one that there is not
 */
export function chooseFormats(names: readonly string[]): ChosenFormats {
  const wanted = new Set(names.flatMap((name) => name.split(',')).map((name) => name.trim().toLowerCase()).filter((name) => name !== ''));
  const known = [...EXPORT_FORMATS, ...FILM_FORMATS].map(({ name }) => name);
  if (wanted.size === 0) throw new VamgError('BadConfig', `Say which format with --format: ${known.join(', ')}, or ${ALL}.`);
  const unknown = [...wanted].find((name) => name !== ALL && !known.includes(name));
  if (unknown !== undefined) throw new VamgError('BadConfig', `There is no format ${JSON.stringify(unknown)}; --format is one of ${known.join(', ')}, or ${ALL}.`);
  const isAll = wanted.has(ALL);
  return { formats: EXPORT_FORMATS.filter(({ name }) => isAll || wanted.has(name)), films: FILM_FORMATS.filter(({ name }) => wanted.has(name)), isAll };
}
