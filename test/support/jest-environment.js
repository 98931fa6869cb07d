// Jest runs each test file in a sandbox that has typed-array constructors of its own. Native modules check for the
// host's ("A float32 tensor's data must be type of Float32Array"), so the sandbox gets the host's constructors.
// It also sets the time limit of the project: Jest knows no such setting per project.
const { TestEnvironment } = require('jest-environment-node');

const SHARED = [
  'ArrayBuffer', 'SharedArrayBuffer', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
  'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array',
];

class HostTypedArrays extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.timeoutMs = config.projectConfig.testEnvironmentOptions.timeoutMs;
  }

  async setup() {
    await super.setup();
    for (const name of SHARED) this.global[name] = globalThis[name];
    // Read by jest-circus before it collects the tests of the file.
    this.global[Symbol.for('TEST_TIMEOUT_SYMBOL')] = this.timeoutMs;
  }
}

module.exports = HostTypedArrays;
