import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { objectColourHex } from '../core/render/object-colour';
import type { DoubtfulJoins } from './doubtful-joins';
import type { ObjectEvents } from './object-events';
import type { ObjectTimeline } from './object-timelines';
import type { Thumbnail } from './thumbnail';

export interface PageObject extends Omit<ObjectTimeline, 'best'>, ObjectEvents {
  /** The user's name for it; empty without one. */
  readonly label: string;
  readonly thumbnail: Thumbnail;
}

/** Everything inlined into index.html. */
export interface PageData {
  readonly title: string;
  readonly note: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Position and time (seconds) of the first frame of each mask file. */
  readonly fileStarts: readonly number[];
  readonly fileTimes: readonly number[];
  readonly lastTime: number;
  readonly firstFrame: number;
  readonly frameStep: number;
  /** Positions at which a chunk's owned range, and a scene, begin. */
  readonly seams: readonly number[];
  readonly sceneCuts: readonly number[];
  readonly doubts: DoubtfulJoins;
  readonly objects: readonly PageObject[];
}

/** Scripts of the page, in the order in which they are joined into one. */
const SCRIPTS = [
  'words',
  'rle',
  'file-index',
  'mask-files',
  'mask-raster',
  'mask-painter',
  'clocks',
  'film-time',
  'film-frames',
  'thumbnails',
  'time-window',
  'lanes',
  'ruler',
  'object-filter',
  'object-row',
  'object-list',
  'object-details',
  'join-list',
  'join-view',
  'panels',
  'player',
  'keys',
  'main',
] as const;

/** The page as one HTML document with its styles, scripts and data inside. */
export async function renderPage(data: PageData): Promise<string> {
  const folder = pageFolder();
  const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
  const [html, css, ...scripts] = await Promise.all([read('page.html'), read('page.css'), ...SCRIPTS.map((name) => read(`${name}.js`))]);
  const withColours = { ...data, objects: data.objects.map((object) => ({ ...object, colour: objectColourHex(object.id) })) };
  const parts: Record<string, string> = {
    TITLE: escapeHtml(data.title),
    CSS: css,
    // "<" cannot end the script element from inside a JSON string once it is written as an escape.
    DATA: JSON.stringify(withColours).replaceAll('<', '\\u003c'),
    SCRIPT: `(() => {\n'use strict';\n${scripts.join('\n')}\n})();`,
  };
  return html.replace(/\{\{(TITLE|CSS|DATA|SCRIPT)\}\}/g, (_, name: string) => parts[name]!);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The page's sources: beside this file, or in the repository when this file was compiled to dist/. */
function pageFolder(): string {
  const beside = path.join(__dirname, 'page');
  return existsSync(path.join(beside, 'page.html')) ? beside : path.join(__dirname, '..', '..', 'viewer', 'page');
}
