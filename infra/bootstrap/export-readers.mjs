// A Python environment with the readers that other people use, for the tests that read our exports back.
import { say } from './say.mjs';
import { fromRoot } from './paths.mjs';
import { PYTHON_HINT, ensureEnvironment, findPython } from './python-environment.mjs';

const READERS = {
  name: 'export-readers',
  label: 'the Python readers',
  announcement: 'installing the Python readers of the export tests (about 200 MB); this is done once for this machine',
  installs: [{ file: fromRoot('test/integration/export/readers/requirements.txt'), args: ['--no-deps', '--only-binary', ':all:'] }],
  timeoutMs: 600_000,
};

/**
 * The Python of that environment, or undefined where it cannot be made, with the reason said.
 * @returns {Promise<string | undefined>}
 */
export async function ensureExportReaders() {
  const python = await findPython();
  if (python.problem) {
    say(`${python.problem}, so the tests that read exports back with other people's readers are skipped; to run them ${PYTHON_HINT}`);
    return undefined;
  }
  try {
    return await ensureEnvironment(READERS, python);
  } catch (error) {
    say(`the Python readers cannot be installed, so the tests that read exports back with them are skipped. The last words:\n${error.message}`);
    return undefined;
  }
}
