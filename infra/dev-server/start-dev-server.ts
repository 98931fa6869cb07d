import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { VamgError } from '../../contracts/errors';
import type { TemporalConfig } from '../../contracts/temporal-config';
import { freePort } from './free-port';
import { endProcess, isAlive } from './processes';
import { ServerStateFiles, type ServerState } from './server-state';
import type { SupervisorMessage, SupervisorStart } from './supervisor';

export interface DevServerOptions {
  /** The `temporal` program. */
  readonly binary: string;
  /** Folder of database, state and log. */
  readonly home: string;
  readonly config: TemporalConfig;
  /** JavaScript file of the supervisor, dist/infra/dev-server/supervisor.js. */
  readonly supervisorEntry: string;
  readonly startTimeoutMs?: number;
}

export interface DevServer {
  /** 127.0.0.1:port. */
  readonly address: string;
  readonly serverPid: number;
  /** True when this call started it; false when one was running for this home. */
  readonly isOurs: boolean;
  /** Keep the server for another process too, for example workers that outlive this one. */
  addUser(pid: number): void;
  /** This process no longer needs it: the server ends unless others do. */
  stop(): Promise<void>;
}

/** A server that ends while it starts is started so many times, each on other ports: a free one may be taken before the server has it. */
const STARTS = 3;

/**
 * A Temporal server on this machine with a persistent database: attach to the one that runs for this home, else start one. It
 * ends when nobody needs it any more, also when this process is killed. @throws VamgError SetupMissing
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  mkdirSync(options.home, { recursive: true });
  const files = new ServerStateFiles(options.home);
  files.addUser(process.pid);
  const deadline = Date.now() + (options.startTimeoutMs ?? 60_000);
  for (;;) {
    const running = await findRunning(files, options.config.devServer.ip);
    if (running !== null) return describe(options, files, running, null);
    if (files.tryLock()) break;
    if (Date.now() > deadline) throw new VamgError('SetupMissing', 'Another command has been starting the Temporal server for too long; end it and try again.');
    await sleep(100);
  }
  try {
    const running = await findRunning(files, options.config.devServer.ip);
    if (running !== null) return describe(options, files, running, null);
    const { supervisor, state } = await launchAgain(options, deadline);
    return describe(options, files, state, supervisor);
  } catch (error) {
    files.removeUser(process.pid);
    throw error;
  } finally {
    files.unlock();
  }
}

/** The server of the state file if it is healthy; leftovers of a crash are ended and forgotten. */
async function findRunning(files: ServerStateFiles, ip: string): Promise<ServerState | null> {
  const state = files.read();
  if (state === null) return null;
  const isWhole = isAlive(state.supervisorPid) && isAlive(state.serverPid);
  if (isWhole && (await answers(`${ip}:${state.port}`, 5_000))) return state;
  if (!isAlive(state.supervisorPid) && isAlive(state.serverPid) && (await answers(`${ip}:${state.port}`, 2_000))) await endProcess(state.serverPid, 5_000);
  files.clear(state.supervisorPid);
  return null;
}

async function answers(address: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return true;
    } catch {
      if (Date.now() > deadline) return false;
      await sleep(100);
    }
  }
}

async function launchAgain(options: DevServerOptions, deadline: number): Promise<{ supervisor: ChildProcess; state: ServerState }> {
  for (let start = 1; ; start++) {
    try {
      return await launch(options, deadline);
    } catch (error) {
      if (!(error instanceof ServerEnded) || start === STARTS || Date.now() > deadline) throw error;
    }
  }
}

class ServerEnded extends VamgError {
  constructor() {
    super('SetupMissing', 'The Temporal server ended while it started; dev-server.log in the home folder says why.');
  }
}

async function launch(options: DevServerOptions, deadline: number): Promise<{ supervisor: ChildProcess; state: ServerState }> {
  const { binary, home, config, supervisorEntry } = options;
  const { ip } = config.devServer;
  const port = await freePort(ip);
  const start: SupervisorStart = { binary, home, port, args: serverArgs(options, port, await freePort(ip)), logFile: path.join(home, 'dev-server.log') };
  const supervisor = fork(supervisorEntry, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [], detached: process.platform !== 'win32' });
  const started = new Promise<number>((resolve, reject) => {
    supervisor.on('message', (message: SupervisorMessage) => {
      if (message.type === 'started') resolve(message.serverPid);
      else reject(new VamgError('SetupMissing', `The Temporal server ended at once (${message.code}); dev-server.log in the home folder says why.`));
    });
    supervisor.once('exit', () => reject(new VamgError('SetupMissing', 'The Temporal server could not be started; dev-server.log in the home folder says why.')));
  });
  started.catch(() => undefined);
  supervisor.send(start);
  const serverPid = await started;
  const ready = answers(`${ip}:${port}`, Math.max(1_000, deadline - Date.now()));
  const failed = new Promise<never>((_resolve, reject) => supervisor.once('exit', () => reject(new ServerEnded())));
  failed.catch(() => undefined);
  if (!(await Promise.race([ready, failed]))) {
    supervisor.kill('SIGTERM');
    throw new VamgError('SetupMissing', 'The Temporal server did not become ready in time; dev-server.log in the home folder says why.');
  }
  supervisor.unref();
  supervisor.channel?.unref();
  return { supervisor, state: { serverPid, supervisorPid: supervisor.pid ?? -1, port } };
}

function serverArgs({ home, config }: DevServerOptions, port: number, metricsPort: number): string[] {
  const searchAttributes = Object.entries(config.searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]);
  const dynamic = Object.entries(config.devServer.dynamicConfig).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${JSON.stringify(value)}`]);
  const files = ['--db-filename', path.join(home, 'temporal.db'), '--log-level', 'error'];
  return ['server', 'start-dev', '--headless', '--ip', config.devServer.ip, '--port', String(port), '--metrics-port', String(metricsPort), ...files, ...searchAttributes, ...dynamic];
}

function describe(options: DevServerOptions, files: ServerStateFiles, state: ServerState, supervisor: ChildProcess | null): DevServer {
  return {
    address: `${options.config.devServer.ip}:${state.port}`,
    serverPid: state.serverPid,
    isOurs: supervisor !== null,
    addUser: (pid) => files.addUser(pid),
    stop: async () => {
      files.removeUser(process.pid);
      if (supervisor?.connected === true) supervisor.disconnect();
      if (files.users().length > 0) return;
      const deadline = Date.now() + 10_000;
      while ((isAlive(state.serverPid) || isAlive(state.supervisorPid)) && Date.now() < deadline) await sleep(50);
    },
  };
}
