import type { ExportSource } from './types';

/** A video's name made fit for folders and files on every system: letters, digits, `.`, `_`, `-`; without its extension. */
export function sequenceName(videoName: string): string {
  const stem = videoName.replace(/\.[^.]*$/, '');
  const plain = stem.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._-]+/, '').slice(0, 80).replace(/[._]+$/, '');
  return plain === '' ? 'video' : plain;
}

/** The frame's number in the video with as many digits (at least 5) as its last frame needs: names sort as frames do. */
export function frameName({ lastFrame }: Pick<ExportSource, 'lastFrame'>, frame: number): string {
  return String(frame).padStart(Math.max(5, String(lastFrame).length), '0');
}

/** Names of classes: "object" first, then the user's labels; `of` gives the index of an object's. */
export function categoriesOf({ objects }: Pick<ExportSource, 'objects'>): { readonly names: readonly string[]; of(id: number): number } {
  const labels = [...new Set(objects.flatMap(({ label }) => (label === null || label === UNNAMED ? [] : [label])))].sort();
  const names = [UNNAMED, ...labels];
  const indices = new Map(objects.map(({ id, label }) => [id, Math.max(0, names.indexOf(label ?? UNNAMED))]));
  return { names, of: (id) => indices.get(id) ?? 0 };
}

const UNNAMED = 'object';
