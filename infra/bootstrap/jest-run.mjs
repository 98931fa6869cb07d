// Runs one Jest project in a process of its own and reads its report.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, fromRoot } from './paths.mjs';
import { readJson } from './cache.mjs';
import { countResults } from './test-plan.mjs';

const MINUTE = 60_000;
const LIMITS = { unit: 12 * MINUTE, workflow: 12 * MINUTE, replay: 6 * MINUTE, integration: 20 * MINUTE, e2e: 30 * MINUTE, chaos: 90 * MINUTE };
/** How long Jest may take to exit once its report is written; longer means something is still open. */
const EXIT_GRACE = 20_000;

let current;

/** For signals: ends the Jest that is running. */
export function stopJest() {
  current?.kill('SIGTERM');
}

function wait(child, reportFile, limitMs) {
  return new Promise((resolve) => {
    let reportedAt;
    let ended;
    const end = (reason) => {
      ended = reason;
      child.kill('SIGKILL');
    };
    const started = Date.now();
    const timer = setInterval(() => {
      if (reportedAt === undefined && fs.existsSync(reportFile)) reportedAt = Date.now();
      if (reportedAt !== undefined && Date.now() - reportedAt > EXIT_GRACE) end('did not exit after its tests: something is still open');
      else if (Date.now() - started > limitMs) end(`took longer than ${limitMs / MINUTE} minutes`);
    }, 500);
    child.on('error', (error) => {
      clearInterval(timer);
      resolve({ code: 1, problem: error.message });
    });
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      resolve({ code: code ?? 1, problem: ended ?? (signal ? `was ended by ${signal}` : undefined) });
    });
  });
}

/** @returns {Promise<{passed: number, failed: number, skipped: number, problem?: string}>} */
export async function runProject(project, jestArgs, env, folder) {
  const reportFile = path.join(folder, `jest-${project}.json`);
  const parallel = project === 'unit' && !jestArgs.some((arg) => /^(-w|-i|--maxWorkers|--runInBand)/.test(arg));
  const args = [
    ...[fromRoot('node_modules/jest/bin/jest.js'), ...jestArgs],
    ...[parallel ? '--maxWorkers=2' : '--runInBand', '--passWithNoTests', '--json', `--outputFile=${reportFile}`],
    ...(process.env.CI ? ['--ci'] : []),
    ...['--selectProjects', project],
  ];
  // The report also goes to standard output; it is in the file already, and people read standard error.
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
  current = child;
  const { code, problem } = await wait(child, reportFile, LIMITS[project]);
  current = undefined;
  return { ...countResults(readJson(reportFile), code), problem };
}
