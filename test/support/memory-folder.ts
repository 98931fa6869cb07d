import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const IN_MEMORY = '/dev/shm';

/**
 * A new folder, in memory where the system offers that. For tests that write and flush very often and in which processes die, never the
 * machine: what a flush reaches makes no difference to them, and on a busy disk each takes a twentieth of a second.
 */
export function memoryFolder(prefix: string): string {
  return mkdtempSync(path.join(isUsable() ? IN_MEMORY : tmpdir(), prefix));
}

function isUsable(): boolean {
  try {
    accessSync(IN_MEMORY, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
