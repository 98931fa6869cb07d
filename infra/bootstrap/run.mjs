// The set-up of `npm start`, step by step, and then the command itself.
import fs from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { DIST } from './paths.mjs';
import { SetupError, exitWith } from './say.mjs';
import { needsOf } from './needs.mjs';
import { ensurePackages } from './packages.mjs';
import { build } from './build.mjs';

async function prepareTemporal() {
  const { ensureTemporal, usesOutsideServer } = await import('./temporal.mjs');
  if (!usesOutsideServer()) process.env.TEMPORAL_CLI_PATH = await ensureTemporal();
}

async function prepare(args) {
  await ensurePackages();
  await build();
  const needs = needsOf(args);
  if (needs.ffmpeg) await (await import('./ffmpeg.mjs')).ensureFfmpeg();
  const steps = [];
  if (needs.models) steps.push((await import('./models.mjs')).ensureModels());
  if (needs.temporal) steps.push(prepareTemporal());
  await Promise.all(steps);
}

/** Loads the command as if Node had been started with it: same process, so signals and exit codes are its own. */
function runCommand(args) {
  const main = path.join(DIST, 'cli/main.js');
  if (!fs.existsSync(main)) throw new SetupError('cli/main.ts is missing, so there is no command to run. Is this a complete checkout?');
  // Reading the source maps of everything that is loaded takes 0.2 s, and stacks are shown on request only.
  if (process.env.VAMG_DEBUG) process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, main, ...args];
  Module._load(main, null, true);
}

export async function main(args) {
  try {
    await prepare(args);
    runCommand(args);
  } catch (error) {
    exitWith(error);
  }
}
