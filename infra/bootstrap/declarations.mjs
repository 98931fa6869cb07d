// Writes dist/types: the declarations of what lib/ offers, for the package that `npm pack` makes.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { DIST, LOCAL, ROOT, fromRoot } from './paths.mjs';
import { BuildError, exitWith, say } from './say.mjs';
import { withLock } from './lock.mjs';

/** Runs the TypeScript compiler into a folder beside dist/types and puts that in its place. */
function declare() {
  const target = path.join(DIST, 'types');
  const fresh = path.join(DIST, `types.${process.pid}.tmp`);
  fs.rmSync(fresh, { recursive: true, force: true });
  const tsc = fromRoot('node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', fromRoot('tsconfig.lib.json'), '--outDir', fresh], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) {
    fs.rmSync(fresh, { recursive: true, force: true });
    throw new BuildError(`the declarations could not be made:\n${stdout}`);
  }
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(fresh, target);
  say('wrote the declarations of the library');
}

withLock(path.join(LOCAL, 'declarations.lock'), { label: 'the declarations' }, async () => declare()).catch(exitWith);
