// One project per kind of test, each in test/<kind>/. Run them with `npm test`, or one of them with `npm test -- unit`.
const fs = require('node:fs');
const path = require('node:path');
const swcOptions = require('./infra/bootstrap/swc-options.json');

const project = (name, overrides = {}) => ({
  displayName: name,
  rootDir: __dirname,
  // Not in the temporary folder: npm test gives each run a temporary folder of its own.
  cacheDirectory: path.join(__dirname, '.vamg', 'jest-cache'),
  roots: [`<rootDir>/test/${name}`],
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  // The sandbox of a test file has its own Float32Array and friends, which onnxruntime-node and sharp refuse.
  testEnvironment: '<rootDir>/test/support/jest-environment.js',
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swcOptions, sourceMaps: 'inline' }] },
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.vamg/'],
  testEnvironmentOptions: { timeoutMs: 10_000 },
  ...overrides,
});

const seconds = (count) => ({ testEnvironmentOptions: { timeoutMs: count * 1000 } });

const projects = [
  project('unit', seconds(20)),
  project('workflow', seconds(120)),
  project('replay', seconds(120)),
  project('integration', seconds(180)),
  project('browser', seconds(120)),
  project('e2e', seconds(600)),
  project('chaos', seconds(600)),
];

/** Jest refuses a project whose folder is not there, as is the case for a kind that has no test yet. */
module.exports = { projects: projects.filter(({ displayName }) => fs.existsSync(path.join(__dirname, 'test', displayName))) };
