// versitygw: the S3 server of the tests (Apache-2.0, one program, files in a folder).
import fs from 'node:fs';
import path from 'node:path';
import { SetupError, say } from './say.mjs';
import { binaryPath, checkBinary, lockPath } from './cache.mjs';
import { findOnPath } from './command.mjs';
import { findGo, goCommand, goInstall } from './go-install.mjs';
import { withLock } from './lock.mjs';
import { VERSITYGW } from './versions.mjs';

function fromEnvironment() {
  const given = process.env.VERSITYGW_PATH;
  if (!given) return undefined;
  const program = given.includes(path.sep) ? path.resolve(given) : findOnPath(given);
  if (program && fs.existsSync(program)) return program;
  throw new SetupError(`VERSITYGW_PATH names ${given}, which does not exist. Correct it, or unset it to let the set-up build one.`);
}

function fromCache() {
  const program = binaryPath(VERSITYGW.name, VERSITYGW.version);
  return checkBinary(program) === 'good' ? program : undefined;
}

/**
 * The path of versitygw, or undefined where there is none and no Go to build it. With `required` that is an error.
 * @returns {Promise<string | undefined>}
 */
export async function ensureVersitygw({ required }) {
  const ready = fromEnvironment() ?? findOnPath('versitygw') ?? fromCache();
  if (ready) return ready;
  return withLock(lockPath('versitygw'), { label: 'versitygw' }, async () => {
    const cached = fromCache();
    if (cached) return cached;
    const go = await findGo(VERSITYGW);
    if (go) return goInstall(VERSITYGW, go);
    const hint = `install Go ${VERSITYGW.minimumGo} or newer (\`${goCommand(VERSITYGW)}\` is then run for you), or name a versitygw in VERSITYGW_PATH`;
    if (required) throw new SetupError(`the S3 tests need versitygw: ${hint}.`);
    say(`no versitygw, so the tests against a real S3 server are skipped; to run them ${hint}`);
    return undefined;
  });
}
