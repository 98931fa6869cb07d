import { nameForDisplay } from '../../core/planning/archive-names';

/**
 * Replace absolute paths by their last part, so that messages and logs never show where files lie on this machine.
 * Known paths (with blanks in them, say) are replaced first, then whatever else looks like an absolute path.
 */
export function scrubPaths(text: string, knownPaths: readonly string[] = []): string {
  let result = text;
  for (const path of knownPaths) {
    if (path.length > 1) result = result.split(path).join(shownName(path));
  }
  return result
    .replace(/(^|[\s'"([=])(?:file:)?(?:[A-Za-z]:)?[\\/](?:[^\s\\/:'"()]+[\\/])*([^\s\\/:'"()]+)/g, '$1$2')
    .replace(/file:/g, '');
}

/** The last part of a path, whichever separator it uses, as it may be shown. */
export function shownName(path: string): string {
  return nameForDisplay(path.split(/[\\/]/).filter(Boolean).pop() ?? path);
}
