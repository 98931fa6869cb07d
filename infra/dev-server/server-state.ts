import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from './processes';

export interface ServerState {
  readonly serverPid: number;
  readonly supervisorPid: number;
  readonly port: number;
}

/**
 * Files in the home folder that let several command lines share one dev server: `dev-server.json` says where it is,
 * `dev-server.users/<pid>` who needs it, `dev-server.lock` who is starting it.
 */
export class ServerStateFiles {
  private readonly stateFile: string;
  private readonly usersFolder: string;
  private readonly lockFile: string;

  constructor(home: string) {
    this.stateFile = path.join(home, 'dev-server.json');
    this.usersFolder = path.join(home, 'dev-server.users');
    this.lockFile = path.join(home, 'dev-server.lock');
    mkdirSync(this.usersFolder, { recursive: true });
  }

  read(): ServerState | null {
    try {
      const value = JSON.parse(readFileSync(this.stateFile, 'utf8')) as Partial<ServerState>;
      const isWhole = [value.serverPid, value.supervisorPid, value.port].every((item) => Number.isInteger(item));
      return isWhole ? (value as ServerState) : null;
    } catch {
      return null;
    }
  }

  write(state: ServerState): void {
    const temp = `${this.stateFile}.${process.pid}`;
    writeFileSync(temp, JSON.stringify(state));
    renameSync(temp, this.stateFile);
  }

  /** Forget the server, if it is still the one of this supervisor. */
  clear(supervisorPid: number): void {
    if (this.read()?.supervisorPid === supervisorPid) rmSync(this.stateFile, { force: true });
  }

  addUser(pid: number): void {
    writeFileSync(path.join(this.usersFolder, String(pid)), '');
  }

  removeUser(pid: number): void {
    rmSync(path.join(this.usersFolder, String(pid)), { force: true });
  }

  /** Processes that need the server; entries of dead ones are removed. */
  users(): number[] {
    const pids = readdirSync(this.usersFolder).map(Number).filter(Number.isInteger);
    const alive = pids.filter(isAlive);
    for (const pid of pids) if (!alive.includes(pid)) this.removeUser(pid);
    return alive;
  }

  /** True when the lock is ours now; a lock whose owner is dead is taken over. */
  tryLock(): boolean {
    try {
      writeFileSync(this.lockFile, String(process.pid), { flag: 'wx' });
      return true;
    } catch {
      const owner = this.lockOwner();
      if (owner !== null && isAlive(owner)) return false;
      rmSync(this.lockFile, { force: true });
      return false;
    }
  }

  unlock(): void {
    if (this.lockOwner() === process.pid) rmSync(this.lockFile, { force: true });
  }

  private lockOwner(): number | null {
    try {
      const pid = Number(readFileSync(this.lockFile, 'utf8'));
      return Number.isInteger(pid) && pid > 0 ? pid : null;
    } catch {
      return null;
    }
  }
}
