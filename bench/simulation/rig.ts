import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { startDevServer, type DevServer } from '../../infra/dev-server/start-dev-server';
import { loadConfig } from '../../workers/config';
import { STAND_IN_VARIABLE, type StandInSettings } from './stand-in';

const { root, temporal } = loadConfig({});
const DIST = path.join(root, 'dist');

export interface RigWorker {
  readonly child: ChildProcess;
  readonly kind: string;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallSeconds: number;
}

/** A Temporal server, worker processes with a stand-in for the networks, and the command line, in a folder of their own. */
export class Rig {
  readonly workers: RigWorker[] = [];
  /** The command that runs now. */
  command: ChildProcess | null = null;
  private constructor(
    readonly folder: string,
    readonly server: DevServer,
    private readonly store: NodeJS.ProcessEnv,
  ) {}

  /** @param store the variables that name the store; a folder of the rig when absent. @throws VamgError SetupMissing */
  static async start(folder: string, binary: string, store: NodeJS.ProcessEnv = { VAMG_STORE: path.join(folder, 'store') }): Promise<Rig> {
    mkdirSync(folder, { recursive: true });
    const server = await startDevServer({ binary, home: path.join(folder, 'server'), config: temporal, supervisorEntry: path.join(DIST, 'infra/dev-server/supervisor.js') });
    return new Rig(folder, server, store);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  /** Start a worker and wait until it polls. Each has a home of its own, as on a machine of its own. */
  async startWorker(roles: string, slots: number, settings: Partial<StandInSettings> = {}): Promise<RigWorker> {
    const child = spawn(process.execPath, [path.join(DIST, 'bench/simulation/worker.js'), roles, String(slots)], {
      env: this.environment(`worker-${this.workers.length}`, { [STAND_IN_VARIABLE]: JSON.stringify(settings) }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const worker = { child, kind: `${roles} worker` };
    this.workers.push(worker);
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`The worker for ${roles} ended before it was ready.`);
    });
    await Promise.race([once(lines, 'line'), ended]);
    ended.catch(() => undefined);
    return worker;
  }

  async stopWorkers(workers: readonly RigWorker[] = [...this.workers]): Promise<void> {
    await Promise.all(
      workers.map(async (worker) => {
        this.workers.splice(this.workers.indexOf(worker), 1);
        if (worker.child.exitCode !== null || worker.child.signalCode !== null) return;
        const gone = once(worker.child, 'exit');
        worker.child.kill('SIGTERM');
        await gone;
      }),
    );
  }

  /** Run `vamg` against this server and this store. */
  async vamg(args: readonly string[]): Promise<CommandResult> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [path.join(DIST, 'cli/main.js'), ...args], { cwd: this.folder, env: this.environment('command'), stdio: ['ignore', 'pipe', 'pipe'] });
    this.command = child;
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    this.command = null;
    return { code, stdout, stderr, wallSeconds: (performance.now() - startedAt) / 1000 };
  }

  /** As vamg. @throws Error with what it said when it does not end well */
  async vamgOrThrow(args: readonly string[]): Promise<CommandResult> {
    const result = await this.vamg(args);
    if (result.code !== 0) throw new Error(`vamg ${args[0]} ended with ${result.code}: ${result.stderr.trim()}`);
    return result;
  }

  /** A file of the rig as text. */
  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Connection to the server, to look at histories. */
  async client(): Promise<Client> {
    return new Client({ connection: await Connection.connect({ address: this.server.address }), namespace: temporal.namespace.name });
  }

  /** Bytes of the server's database, its write-ahead log included. */
  databaseBytes(): number {
    return ['temporal.db', 'temporal.db-wal'].reduce((sum, name) => sum + (statSync(this.path(`server/${name}`), { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  async stop(): Promise<void> {
    await this.stopWorkers();
    await this.server.stop();
  }

  private environment(home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { ...process.env, TEMPORAL_ADDRESS: this.server.address, VAMG_HOME: this.path(home), INIT_CWD: this.folder, ...this.store, ...more };
  }
}

/** A film of plain moving pictures: `seconds` long, at `fps` frames per second; long ones repeat an hour of it. */
export function writeTinyFilm(ffmpeg: string, target: string, { seconds, fps, size = '64x36' }: { readonly seconds: number; readonly fps: number; readonly size?: string }): void {
  const once = Math.min(seconds, 3600);
  const part = `${target}.part.mp4`;
  const encode = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${fps}`, '-t', String(once), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p', '-y', part];
  execFileSync(ffmpeg, ['-nostdin', '-v', 'error', ...encode]);
  execFileSync(ffmpeg, ['-nostdin', '-v', 'error', '-stream_loop', String(Math.ceil(seconds / once) - 1), '-i', part, '-c', 'copy', '-y', target]);
  rmSync(part);
}

/** Copies of a film that differ in their bytes: a free box at the end of an mp4, which players pass over. */
export function writeCopies(film: string, folder: string, count: number): void {
  const bytes = readFileSync(film);
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const box = Buffer.alloc(16);
    box.writeUInt32BE(16, 0);
    box.write('free', 4, 'latin1');
    box.writeUInt32BE(i, 8);
    writeFileSync(path.join(folder, `v${String(i).padStart(5, '0')}.mp4`), Buffer.concat([bytes, box]));
  }
}
