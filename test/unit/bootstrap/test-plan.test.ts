import { callBootstrap } from '../../support/bootstrap';

const plan = (...args: string[]): unknown => callBootstrap('test-plan.mjs', 'planRun', [[args]])[0];
const every = ['unit', 'workflow', 'replay', 'integration', 'browser', 'e2e', 'chaos'];

describe('npm test', () => {
  test('runs every project, or those that are named', () => {
    expect(plan()).toEqual({ projects: every, jestArgs: [], isWhole: true });
    expect(plan('replay', 'unit')).toEqual({ projects: ['unit', 'replay'], jestArgs: [], isWhole: false });
    expect(plan('-t', 'unit', 'e2e')).toEqual({ projects: ['e2e'], jestArgs: ['-t', 'unit'], isWhole: false });
  });

  test('finds the project of a path and gives everything else to Jest', () => {
    expect(plan('test/unit/core')).toEqual({ projects: ['unit'], jestArgs: ['test/unit/core'], isWhole: false });
    expect(plan('rle', '--verbose')).toEqual({ projects: every, jestArgs: ['rle', '--verbose'], isWhole: false });
  });

  test('has the quick faults in a run of everything, all of them when they are asked for', () => {
    const argsOf = (...args: string[]): unknown => callBootstrap('test-plan.mjs', 'argsFor', [[plan(...args), 'chaos'], [plan(...args), 'e2e']]);
    expect(argsOf('--verbose')).toEqual([['--verbose', 'test/chaos/fast/'], ['--verbose']]);
    expect(argsOf('chaos')).toEqual([[], []]);
    expect(argsOf('soak')).toEqual([['soak'], ['soak']]);
  });

  test('prints what the tests of faults have found as a table', () => {
    const reports = [
      { fault: 12, name: 'limits', done: 'x', lost: 0, recoverySeconds: null, repeated: null },
      { fault: 1, name: 'worker killed', done: 'kill -9', lost: 0, recoverySeconds: 6.04, repeated: { frames: 8, distinct: 129 } },
    ];
    expect(callBootstrap('fault-table.mjs', 'faultTable', [[reports]])).toEqual([[
      '| fault | what happens | what was done | lost | went on after | frames done again |',
      '| --- | --- | --- | --- | --- | --- |',
      '| 1 | worker killed | kill -9 | nothing | 6.0 s | 8 of 129 |',
      '| 12 | limits | x | nothing | – | – |',
    ]]);
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
