// Where things are in this checkout. The one module every other bootstrap step starts from.
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const DIST = path.join(ROOT, 'dist');
/** Machine-local state of this checkout: locks, stamps, a server binary put there by hand. Ignored by git. */
export const LOCAL = path.join(ROOT, '.vamg');

export const fromRoot = (...parts) => path.join(ROOT, ...parts);
