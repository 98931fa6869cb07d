import type { FilmSource } from './types';

/** An ID with as many digits (at least 3) as the highest of the result needs: names sort as IDs do. */
export function objectName({ objects }: Pick<FilmSource, 'objects'>, id: number): string {
  return String(id).padStart(Math.max(3, String(objects.at(-1)?.id ?? 0).length), '0');
}
