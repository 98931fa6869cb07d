// Pure parts of the test command: which projects an argument list asks for, and the closing line.

export const PROJECTS = ['unit', 'workflow', 'replay', 'integration', 'browser', 'e2e', 'chaos'];
/** What the project `chaos` runs when nothing was asked for; `npm run test:chaos` runs all of it. */
const FAST_CHAOS = 'test/chaos/fast/';
const FLAGS_WITH_VALUE = new Set(['-t', '--testNamePattern', '--testTimeout', '--maxWorkers', '-w', '--shard', '--seed']);

/**
 * Splits `npm test -- …` into the projects to run and what Jest is given: `unit` runs one project, `test/unit/core` the
 * tests below that path, and anything else goes to Jest as it is.
 */
export function planRun(args) {
  const named = new Set();
  const fromPaths = new Set();
  const jestArgs = [];
  let hasOpenPattern = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (FLAGS_WITH_VALUE.has(arg)) {
      jestArgs.push(arg, ...args.slice(i + 1, i + 2));
      i += 1;
    } else if (PROJECTS.includes(arg)) {
      named.add(arg);
    } else {
      jestArgs.push(arg);
      if (arg.startsWith('-')) continue;
      const project = /(?:^|\/)test\/([a-z0-9]+)(?:\/|$)/.exec(arg)?.[1];
      if (PROJECTS.includes(project)) fromPaths.add(project);
      else hasOpenPattern = true;
    }
  }
  const isWhole = named.size === 0 && fromPaths.size === 0 && !hasOpenPattern;
  const chosen = named.size > 0 ? named : hasOpenPattern || isWhole ? new Set(PROJECTS) : fromPaths;
  return { projects: PROJECTS.filter((name) => chosen.has(name)), jestArgs, isWhole };
}

/** What Jest is given for one project of a plan. */
export function argsFor({ jestArgs, isWhole }, project) {
  return isWhole && project === 'chaos' ? [...jestArgs, FAST_CHAOS] : jestArgs;
}

/** What the projects need besides packages, build, ffmpeg and models. */
export function serversFor(projects) {
  const servers = projects.some((name) => !['unit', 'browser'].includes(name));
  return { temporal: servers, s3: projects.some((name) => ['integration', 'e2e', 'chaos'].includes(name)) };
}

export const NO_RESULT = { passed: 0, failed: 0, skipped: 0 };

export const addResults = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped });

/** Counts of one Jest run. A file that could not be run at all counts as one failed test; no report means Jest crashed. */
export function countResults(report, exitCode) {
  if (report === undefined) return { ...NO_RESULT, failed: 1 };
  const counted = {
    passed: report.numPassedTests ?? 0,
    failed: (report.numFailedTests ?? 0) + (report.numRuntimeErrorTestSuites ?? 0),
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
  };
  return exitCode !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

/** `N passed, N failed`, read by CI: keep it alone on the last line. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** A run that executed nothing has not shown anything. */
export const isGreen = ({ passed, failed }) => failed === 0 && passed > 0;
