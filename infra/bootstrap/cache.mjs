// The cache shared by all checkouts of one user: server binaries and model files, named by version and platform.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createHash, randomUUID } from 'node:crypto';

/** VAMG_CACHE, else $XDG_CACHE_HOME/video-amg, else ~/.cache/video-amg. Always absolute. */
export function cacheRoot(env = process.env) {
  if (env.VAMG_CACHE) return path.resolve(env.VAMG_CACHE);
  const base = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : path.join(os.homedir(), '.cache');
  return path.join(base, 'video-amg');
}

/** temporal-1.5.1-linux-x64, with .exe on Windows. */
export function binaryName(name, version, platform = process.platform, arch = process.arch) {
  return `${name}-${version}-${platform}-${arch}${platform === 'win32' ? '.exe' : ''}`;
}

export const binaryPath = (name, version) => path.join(cacheRoot(), 'bin', binaryName(name, version));
export const lockPath = (name) => path.join(cacheRoot(), 'locks', `${name}.lock`);

export function sha256File(file) {
  const hash = createHash('sha256');
  const descriptor = fs.openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let read; (read = fs.readSync(descriptor, buffer, 0, buffer.length, null)) > 0; ) hash.update(buffer.subarray(0, read));
  } finally {
    fs.closeSync(descriptor);
  }
  return hash.digest('hex');
}

const sideFile = (file) => `${file}.json`;

export function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeJson(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  fs.writeFileSync(temporary, `${JSON.stringify(value)}\n`);
  fs.renameSync(temporary, file);
}

const stampOf = (file) => {
  const stat = fs.statSync(file);
  return { bytes: stat.size, time: Math.floor(stat.mtimeMs) };
};

/** Puts a finished binary into the cache in one step, with its checksum beside it. */
export function storeBinary(from, to, details) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  const temporary = `${to}.${randomUUID()}.tmp`;
  try {
    fs.copyFileSync(from, temporary);
    fs.chmodSync(temporary, 0o755);
    const sha256 = sha256File(temporary);
    // The record first: until the rename it does not fit what is there, and nobody takes one for the other.
    writeJson(sideFile(to), { sha256, ...stampOf(temporary), ...details });
    fs.renameSync(temporary, to);
    return sha256;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/**
 * 'missing', 'good', or 'damaged' when the binary is not the one that was stored. The whole file is read again only
 * when its size or time differ from the last check, so the usual answer takes no time.
 */
export function checkBinary(file) {
  if (!fs.existsSync(file)) return 'missing';
  const record = readJson(sideFile(file));
  if (record?.sha256 === undefined) return 'damaged';
  const stamp = stampOf(file);
  if (record.bytes === stamp.bytes && record.time === stamp.time) return 'good';
  if (record.bytes !== stamp.bytes || sha256File(file) !== record.sha256) return 'damaged';
  writeJson(sideFile(file), { ...record, ...stamp });
  return 'good';
}

/** Remembers the answer of `inspect` (for example a version) for as long as the executable itself stays the same. */
export async function rememberFor(executable, inspect) {
  const file = path.join(cacheRoot(), 'checked.json');
  const real = fs.realpathSync(executable);
  const stamp = { real, ...stampOf(real) };
  const known = readJson(file)?.[executable];
  if (known && known.real === stamp.real && known.bytes === stamp.bytes && known.time === stamp.time) return known.answer;
  const answer = await inspect(executable);
  if (answer === undefined || answer === null) return answer;
  try {
    writeJson(file, { ...readJson(file), [executable]: { ...stamp, answer } });
  } catch {
    // a cache that cannot be written only makes the next start slower
  }
  return answer;
}
