import { callBootstrap } from '../../support/bootstrap';

const plan = (...args: string[]): unknown => callBootstrap('test-plan.mjs', 'planRun', [[args]])[0];
const every = ['unit', 'workflow', 'replay', 'integration', 'browser', 'e2e'];

describe('npm test', () => {
  test('runs every project, or those that are named', () => {
    expect(plan()).toEqual({ projects: every, jestArgs: [] });
    expect(plan('replay', 'unit')).toEqual({ projects: ['unit', 'replay'], jestArgs: [] });
    expect(plan('-t', 'unit', 'e2e')).toEqual({ projects: ['e2e'], jestArgs: ['-t', 'unit'] });
  });

  test('finds the project of a path and gives everything else to Jest', () => {
    expect(plan('test/unit/core')).toEqual({ projects: ['unit'], jestArgs: ['test/unit/core'] });
    expect(plan('rle', '--verbose')).toEqual({ projects: every, jestArgs: ['rle', '--verbose'] });
  });

  test('closes with the line that CI reads', () => {
    const totals = [{ passed: 12, failed: 0, skipped: 0 }, { passed: 3, failed: 1, skipped: 2 }];
    expect(callBootstrap('test-plan.mjs', 'summaryLine', totals.map((t) => [t]))).toEqual(['12 passed, 0 failed', '3 passed, 1 failed, 2 skipped']);
  });

  test('counts files that do not run, crashes and empty runs as failures', () => {
    const reports = [[{ numPassedTests: 2, numFailedTests: 0, numRuntimeErrorTestSuites: 1, numPendingTests: 1 }, 1], [null, 0], [{ numPassedTests: 2, numFailedTests: 0 }, 1]];
    expect(callBootstrap('test-plan.mjs', 'countResults', reports.slice(0, 1).concat(reports.slice(2)))).toEqual([
      { passed: 2, failed: 1, skipped: 1 },
      { passed: 2, failed: 1, skipped: 0 },
    ]);
    expect(callBootstrap('test-plan.mjs', 'countResults', [[]])).toEqual([{ passed: 0, failed: 1, skipped: 0 }]);
    expect(callBootstrap('test-plan.mjs', 'isGreen', [[{ passed: 0, failed: 0 }], [{ passed: 1, failed: 0 }], [{ passed: 1, failed: 1 }]])).toEqual([false, true, false]);
  });
});
