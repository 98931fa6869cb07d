/**
 * Keeps a Temporal dev server running while somebody needs it: a child process of the command line that started it. When the
 * channel to that parent closes (also because it was killed), the server goes on only while another user is registered.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { ServerStateFiles } from './server-state';
import { endProcess } from './processes';

export interface SupervisorStart {
  readonly binary: string;
  readonly args: readonly string[];
  readonly home: string;
  readonly port: number;
  readonly logFile: string;
}

export type SupervisorMessage = { readonly type: 'started'; readonly serverPid: number } | { readonly type: 'failed'; readonly code: string };

const POLL_MS = 500;
const GRACE_MS = 5_000;

let isEnding = false;

function send(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function supervise(start: SupervisorStart): void {
  const files = new ServerStateFiles(start.home);
  const log = openSync(start.logFile, 'a', 0o600);
  const server: ChildProcess = spawn(start.binary, start.args, { stdio: ['ignore', log, log], detached: process.platform !== 'win32' });
  const leave = (code: number): never => {
    files.clear(process.pid);
    return process.exit(code);
  };
  server.once('error', (error: NodeJS.ErrnoException) => {
    send({ type: 'failed', code: error.code ?? 'unknown' });
    setTimeout(() => leave(1), 100);
  });
  server.once('exit', () => {
    if (isEnding) return;
    send({ type: 'failed', code: 'exited' });
    setTimeout(() => leave(1), 100);
  });
  if (server.pid === undefined) return;
  const serverPid = server.pid;
  files.write({ serverPid, supervisorPid: process.pid, port: start.port });
  send({ type: 'started', serverPid });

  const end = async (): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    files.clear(process.pid);
    await endProcess(serverPid, GRACE_MS);
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.on('SIGINT', () => undefined);
  setInterval(() => {
    if (!process.connected && files.users().length === 0) void end();
  }, POLL_MS);
}

process.once('message', (start: SupervisorStart) => supervise(start));
