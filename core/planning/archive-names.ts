import { utf8Length } from './utf8-length';

/** File name endings of the containers that the readers take (adapters/ffmpeg/hardening.ts); playlists are not among them. */
const VIDEO = /\.(mp4|m4v|mov|qt|3gp|3g2|mj2|mkv|webm|avi|divx|ts|mts|m2ts|mpg|mpeg|m2v|vob|flv|f4v|ogv|ogm|wmv|asf|mxf|dv|ivf|nut)$/i;
const PLAYLIST = /\.(m3u8?|mpd|ffconcat|concat|pls|xspf|asx|ism|ismc|f4m|smil)$/i;
/** Results of ours. */
const RESULT_FOLDER = /-vamg(\.(partial|former)-[0-9a-f]{8})?$/;

const MAX_NAME = 1000;
/** File systems allow 255 bytes for a part; the result folder needs room for `-vamg.partial-xxxxxxxx`. */
const MAX_PART_BYTES = 230;

/** Whether a folder of an archive is gone through: not hidden ones, not results of ours. */
export function entersFolder(part: string): boolean {
  return !part.startsWith('.') && !RESULT_FOLDER.test(part);
}

/**
 * Why a file is not taken, judging by its name alone; null when it is. Names come from outside: a name that could lead out of a
 * folder, write on a terminal, or be no name on another system is never used.
 * @param name path below the source, parts joined by slashes
 */
export function whyPassedOver(name: string): string | null {
  const parts = name.split('/');
  const last = parts[parts.length - 1] ?? '';
  if (/[\p{Cc}\\]/u.test(name)) return 'its name has control characters or backslashes';
  if (/[\uFFFD\uD800-\uDFFF]/.test(name.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ''))) return 'its name is not valid Unicode';
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'its name has empty parts or dots for parts';
  if (name.length > MAX_NAME || parts.some((part) => utf8Length(part) > MAX_PART_BYTES)) return 'its name is too long';
  if (last.startsWith('.') || !parts.slice(0, -1).every(entersFolder)) return 'hidden, or a result of vamg';
  if (PLAYLIST.test(last)) return 'a playlist, which may name other files and hosts';
  return VIDEO.test(last) ? null : 'not a video by its name';
}

/** Where the result of a video goes, below the destination: `talks/film.mp4` -> `talks/film.mp4-vamg`. */
export function resultFolderName(name: string): string {
  return `${name}-vamg`;
}

/**
 * A name as it may be shown: on one line, of limited length, without characters that write on the terminal or turn the rest of the line
 * around (a name that ends in U+202E and `4pm.exe` looks like another one).
 */
export function nameForDisplay(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?').slice(0, MAX_NAME);
}
