// Lists the files of the source folders, quickly: one readdir per folder, one stat per file.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.mjs';

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '__pycache__', '.vamg', 'coverage']);

/** Calls `accept(relativePath)` for every file below `folder`; those accepted come back sorted, with size and time. */
export function scan(folder, accept) {
  const found = [];
  const visit = (relative) => {
    let entries;
    try {
      entries = fs.readdirSync(path.join(ROOT, relative), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const child = `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name)) visit(child);
      } else if (entry.isFile() && accept(child)) {
        const stat = fs.statSync(path.join(ROOT, child), { throwIfNoEntry: false });
        if (stat) found.push({ file: child, size: stat.size, time: Math.floor(stat.mtimeMs) });
      }
    }
  };
  visit(folder);
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}
