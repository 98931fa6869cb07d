// A lock between processes of one machine: a file created exclusively, holding the owner's pid.
// The lock of a process that died is taken over, so an interrupted set-up never blocks the next one.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError, say } from './say.mjs';

/** True if a process with this pid exists (also when it belongs to somebody else). */
export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** State and start (in clock ticks since boot) of a process; the start tells a reused pid from the owner. Linux only. */
function procStat(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return {};
  }
}

export function describeOwner() {
  return { pid: process.pid, host: os.hostname(), started: procStat(process.pid).started, id: randomUUID() };
}

/** A lock is stale when its owner ran on this host and is gone, or when nobody could write a whole record. */
export function isStale(owner, ageMs, { emptyAfterMs = 10_000 } = {}) {
  if (owner === undefined) return ageMs > emptyAfterMs;
  if (owner.host !== os.hostname()) return ageMs > 6 * 3600_000;
  return [owner, ...(owner.helpers ?? [])].every(isGone);
}

function isGone({ pid, started }) {
  if (!isAlive(pid)) return true;
  const now = procStat(pid);
  // Ended, but nobody has asked for its exit code: as good as gone.
  if (now.state === 'Z') return true;
  return started !== undefined && now.started !== started;
}

function readOwner(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function ageOf(file) {
  try {
    return Date.now() - fs.statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** Creates the lock in one step, already holding its record: a link cannot be seen half written. */
function tryCreate(file, owner) {
  const temporary = `${file}.${owner.id}`;
  fs.writeFileSync(temporary, JSON.stringify(owner));
  try {
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** Removes a stale lock. The rename makes sure that only one of several waiters does it, and only that very lock. */
function removeStale(file, staleOwner) {
  const aside = `${file}.${randomUUID()}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  const moved = readOwner(aside);
  if (moved?.id !== staleOwner?.id) {
    try {
      fs.linkSync(aside, file); // somebody else had just taken it: put it back
    } catch {
      // and somebody newer holds it by now: the owner finds out by its id
    }
  }
  fs.rmSync(aside, { force: true });
}

/** A program at work for the owner holds the lock too, for as long as it lives: it may outlive an owner that is killed. */
function addHelper(file, owner, pid) {
  if (pid === undefined || readOwner(file)?.id !== owner.id) return;
  owner.helpers = [...(owner.helpers ?? []), { pid, started: procStat(pid).started }];
  const temporary = `${file}.${owner.id}`;
  fs.writeFileSync(temporary, JSON.stringify(owner));
  fs.renameSync(temporary, file);
}

function release(file, owner) {
  if (readOwner(file)?.id === owner.id) fs.rmSync(file, { force: true });
}

/**
 * Runs `work` while holding the lock `file`. Waits for another holder, telling so once. `work` is given a function that
 * makes another process, by its pid, a holder too.
 * @param {string} file
 * @param {{label: string, timeoutMs?: number, pollMs?: number}} options
 * @param {(alsoHeldBy: (pid?: number) => void) => Promise<T>} work
 * @template T
 */
export async function withLock(file, { label, timeoutMs = 30 * 60_000, pollMs = 200 }, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const owner = describeOwner();
  const deadline = Date.now() + timeoutMs;
  let told = false;
  while (!tryCreate(file, owner)) {
    const current = readOwner(file);
    if (isStale(current, ageOf(file))) {
      removeStale(file, current);
      continue;
    }
    if (!told && timeoutMs > 0) {
      say(`waiting for process ${current?.pid ?? '?'}, which is busy with ${label}`);
      told = true;
    }
    if (Date.now() > deadline) {
      throw new SetupError(`another process (pid ${current?.pid ?? '?'}) holds ${file} for ${label} for too long. End it, or remove the file.`);
    }
    await sleep(pollMs);
  }
  const onExit = () => release(file, owner);
  process.once('exit', onExit);
  try {
    return await work((pid) => addHelper(file, owner, pid));
  } finally {
    process.removeListener('exit', onExit);
    release(file, owner);
  }
}
