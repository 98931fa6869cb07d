// Builds a Go program of a pinned version into the cache. Its sources are checked by Go's own checksum database.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError, formatElapsed, say, withElapsedLines } from './say.mjs';
import { binaryPath, sha256File, storeBinary } from './cache.mjs';
import { findOnPath, lastLines, run } from './command.mjs';
import { isAtLeast } from './node-version.mjs';
import { KNOWN_BUILDS } from './versions.mjs';

/** "go1.26.8" from `go version`, or undefined. */
export function parseGoVersion(output) {
  return /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}

/** The Go on PATH if it is new enough for this tool. */
export async function findGo(tool) {
  const program = findOnPath('go');
  if (program === undefined) return undefined;
  const version = parseGoVersion((await run(program, ['version'], { cwd: os.tmpdir(), timeoutMs: 20_000 })).stdout);
  return version !== undefined && isAtLeast(version, tool.minimumGo) ? { program, version } : undefined;
}

/** The command for people who would rather type it themselves. */
export const goCommand = (tool) => `CGO_ENABLED=0 go install -trimpath -ldflags='-s -w' ${tool.goPackage}@v${tool.version}`;

/** Refuses a build that differs from the known one of the same Go version, system and processor. */
export function checkBuild(tool, goVersion, sha256, platform = `${process.platform}-${process.arch}`) {
  const expected = KNOWN_BUILDS[`${tool.name} ${tool.version} go${goVersion} ${platform}`];
  if (expected !== undefined && expected !== sha256) {
    throw new SetupError(`the ${tool.name} that Go built has the checksum ${sha256}, not the expected ${expected}. It was not kept.`);
  }
}

/** Builds `tool` and returns its path in the cache. An interrupted build goes on where Go's own cache left it. */
export async function goInstall(tool, go) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `vamg-${tool.name}-`));
  const onExit = () => fs.rmSync(folder, { recursive: true, force: true });
  process.once('exit', onExit);
  const started = Date.now();
  const load = `${tool.name} ${tool.version}`;
  say(`building ${load} with Go ${go.version}, ${tool.buildTime}; this is done once for this machine`);
  try {
    const env = { ...process.env, CGO_ENABLED: '0', GOBIN: folder, GOFLAGS: '', GOOS: '', GOARCH: '' };
    const args = ['install', ...tool.goFlags, `${tool.goPackage}@v${tool.version}`];
    const result = await withElapsedLines(`building ${load}`, () => run(go.program, args, { cwd: os.tmpdir(), env }));
    if (result.code !== 0) throw new SetupError(`Go could not build ${load}. Its last words:\n${lastLines(result.output)}`);
    const built = path.join(folder, process.platform === 'win32' ? `${tool.name}.exe` : tool.name);
    checkBuild(tool, go.version, sha256File(built));
    const target = binaryPath(tool.name, tool.version);
    storeBinary(built, target, { from: `go install, Go ${go.version}` });
    say(`${load} is ready after ${formatElapsed(Date.now() - started)}`);
    return target;
  } finally {
    process.removeListener('exit', onExit);
    onExit();
  }
}
