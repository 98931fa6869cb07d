import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The repository: the nearest folder above this file that holds our package.json. */
export function packageRoot(): string {
  let folder = __dirname;
  for (;;) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    const parent = path.dirname(folder);
    if (parent === folder) return __dirname;
    folder = parent;
  }
}

/** Version of video-amg. */
export function packageVersion(): string {
  return String((JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version);
}

/**
 * The folder in which the user typed the command. `npm start` runs in the repository and keeps the user's folder in INIT_CWD;
 * anywhere else the current folder is it.
 */
export function userFolder(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): string {
  const typedIn = env['INIT_CWD'];
  const isNpmStart = env['npm_lifecycle_event'] === 'start' && path.resolve(cwd) === packageRoot();
  return isNpmStart && typedIn !== undefined && typedIn !== '' ? typedIn : cwd;
}

/** A path as the user means it. */
export function fromUserFolder(file: string): string {
  return path.resolve(userFolder(), file);
}

/** A path as short as it can be said to the user: relative when it lies in or beside the user's folder. */
export function forUser(file: string): string {
  const relative = path.relative(userFolder(), file);
  if (relative === '') return '.';
  return relative.startsWith(`..${path.sep}..`) || path.isAbsolute(relative) ? file : relative;
}
