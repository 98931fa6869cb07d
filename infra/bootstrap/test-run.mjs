// The set-up of `npm test` and the run itself.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { fromRoot } from './paths.mjs';
import { BuildError, SetupError, exitWith, say } from './say.mjs';
import { ensurePackages } from './packages.mjs';
import { build } from './build.mjs';
import { ensureFfmpeg } from './ffmpeg.mjs';
import { ensureModels } from './models.mjs';
import { ensureTemporal } from './temporal.mjs';
import { ensureVersitygw } from './s3-server.mjs';
import { ensureExportReaders } from './export-readers.mjs';
import { MARKER, endLeftovers } from './leftovers.mjs';
import { runProject, stopJest } from './jest-run.mjs';
import { faultTableOf } from './fault-table.mjs';
import { NO_RESULT, addResults, argsFor, isGreen, planRun, serversFor, summaryLine } from './test-plan.mjs';

const inCi = Boolean(process.env.CI && process.env.CI !== 'false');

/** Programs that only some projects need. Go builds one after the other: two at once need too much memory. */
async function prepareServers(projects) {
  const { temporal, s3 } = serversFor(projects);
  const env = {};
  if (temporal) env.TEMPORAL_CLI_PATH = await ensureTemporal();
  const versitygw = s3 ? await ensureVersitygw({ required: inCi }) : undefined;
  if (versitygw) env.VERSITYGW_PATH = versitygw;
  const readers = projects.includes('integration') ? await ensureExportReaders() : undefined;
  if (readers) env.EXPORT_READERS_PYTHON = readers;
  return env;
}

/** A person's own servers and options, which the tests must neither see nor reach. */
const PERSONAL = /^(TEMPORAL_(?!CLI_PATH$)|AWS_|VAMG_(?!CACHE$|DEBUG$|SOAK_))/;

/** Tests use servers and options of their own. */
function testEnvironment(folder, mark, servers) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (PERSONAL.test(name)) delete env[name];
  }
  // Bundles of the person's own would be taken by `--tracker auto`.
  const models = path.join(folder, 'bundles');
  return { ...env, ...servers, VAMG_MODELS: models, [MARKER]: mark, TMPDIR: folder, NODE_ENV: 'test' };
}

async function runAll(projects, plan, env, folder, mark) {
  let total = NO_RESULT;
  for (const project of projects) {
    const result = await runProject(project, argsFor(plan, project), env, folder);
    total = addResults(total, result);
    if (result.problem) say(`the ${project} tests: Jest ${result.problem}`);
    const left = await endLeftovers(mark);
    for (const { pid, command } of left) say(`the ${project} tests left a process running (ended now): ${pid} ${command}`);
    if (left.length > 0) total = addResults(total, { ...NO_RESULT, failed: 1 });
  }
  return total;
}

function watchSignals(mark, cleanUp) {
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
    process.once(signal, () => {
      stopJest();
      void endLeftovers(mark, { graceMs: 1_000 }).finally(() => {
        cleanUp();
        process.exit(code);
      });
    });
  }
}

/** Most tests need no weights, so a person without a network still runs them; CI accepts no excuse. */
async function prepareModels() {
  try {
    await ensureModels();
  } catch (error) {
    if (inCi) throw error;
    say(`${error.message} The tests that need them will fail.`);
  }
}

async function prepare(projects) {
  await ensurePackages();
  await build();
  await ensureFfmpeg();
  await prepareModels();
  return prepareServers(projects);
}

export async function main(args) {
  const plan = planRun(args);
  const projects = plan.projects.filter((name) => fs.existsSync(fromRoot('test', name)));
  let servers;
  try {
    servers = await prepare(projects);
  } catch (error) {
    // The closing line still belongs last, on standard output.
    process.on('exit', () => process.stdout.write(`${summaryLine({ ...NO_RESULT, failed: 1 })}\n`));
    if (error instanceof SetupError || error instanceof BuildError) exitWith(error);
    throw error;
  }
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'vamg-test-'));
  const cleanUp = () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const mark = randomUUID();
  watchSignals(mark, cleanUp);
  const env = { ...testEnvironment(folder, mark, servers), VAMG_CHAOS_REPORT: path.join(folder, 'faults.jsonl') };
  const total = await runAll(projects, plan, env, folder, mark);
  for (const line of faultTableOf(env.VAMG_CHAOS_REPORT)) process.stderr.write(`${line}\n`);
  cleanUp();
  process.stdout.write(`${summaryLine(total)}\n`);
  process.exitCode = isGreen(total) ? 0 : 1;
}
