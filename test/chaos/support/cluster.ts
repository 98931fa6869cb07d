import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { ArtefactStore } from '../../../adapters/store/artefact-store';
import type { ObjectStore } from '../../../adapters/store/object-store';
import { openStore } from '../../../adapters/store/open-store';
import { processesWithEnvironment } from '../../../bench/process-tree';
import { STAND_IN_VARIABLE, type StandInSettings } from '../../../bench/simulation/stand-in';
import type { SegmentOptionsInput } from '../../../contracts/segment-options';
import type { TemporalConfig } from '../../../contracts/temporal-config';
import { Jobs } from '../../../lib/parts/jobs';
import { createJobClient, type JobClient } from '../../../workers/job-client';
import { loadConfig } from '../../../workers/config';
import { memoryFolder } from '../../support/memory-folder';
import { MortalServer } from '../../support/mortal-server';
import { kill } from '../../support/vamg';
import { FILM_OPTIONS } from './film';
import { Trace } from './trace';
import { WorkerProcess } from './worker-process';

export interface ClusterOptions {
  readonly standIn?: Partial<StandInSettings>;
  /** Changes to `workers` of temporal.yaml. */
  readonly workers?: Partial<TemporalConfig['workers']>;
  /** Further arguments of the Temporal server. */
  readonly serverArgs?: readonly string[];
  /** Default is a folder of this cluster. */
  readonly storeUrl?: string;
  /** Besides, for the client and all workers: where an S3 store is, for example. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkerChoice {
  /** Comma-separated; default all. */
  readonly roles?: string;
  /** Steps at one time of each role; default what temporal.yaml says. */
  readonly slots?: number;
  /** Another way to the server. */
  readonly address?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Seconds after which the step of a dead worker is given to another one, in these tests. */
export const HEARTBEAT_TIMEOUT_SECONDS = 6;

/** A Temporal server, a store, a client and any number of workers: processes of their own, all of which can be killed. */
export class Cluster {
  readonly trace: Trace;
  private readonly workers: WorkerProcess[] = [];

  private constructor(
    readonly folder: string,
    readonly server: MortalServer,
    readonly jobs: Jobs,
    readonly client: JobClient,
    readonly objects: ObjectStore,
    /** Environment variables of the workers, which a command needs too that starts jobs for them. */
    readonly settings: Readonly<Record<string, string>>,
  ) {
    this.trace = new Trace(traceFile(folder));
  }

  static async open(options: ClusterOptions = {}): Promise<Cluster> {
    const folder = memoryFolder('vamg-chaos-');
    const server = await MortalServer.create(options.serverArgs);
    try {
      await server.start();
      const store = options.storeUrl ?? path.join(folder, 'store');
      const env = {
        ...options.env,
        ...{ VAMG_HOME: path.join(folder, 'home'), VAMG_STORE: store, VAMG_CONFIG: writeConfig(folder, options) },
        [STAND_IN_VARIABLE]: JSON.stringify({ frameMs: 15, checkpointFrames: 8, trace: traceFile(folder), ...options.standIn }),
      };
      const config = loadConfig(env);
      const opened = await openStore(store, { env: { ...process.env, ...env }, cacheDir: path.join(folder, 'videos') });
      const artefacts = new ArtefactStore(opened.store, path.join(folder, 'client'));
      const client = await createJobClient({ config, artefacts, address: server.address });
      return new Cluster(folder, server, new Jobs(client, artefacts, opened.sources, store), client, opened.store, env);
    } catch (error) {
      await server.dispose();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What is in the scratch folder of the workers: nothing once they have ended, except of those that were killed. */
  scratch(): string[] {
    return readdirSync(path.join(this.folder, 'home', 'scratch'));
  }

  async startWorker({ roles = 'control,media,inference', slots, address = this.server.address, env = {} }: WorkerChoice = {}): Promise<WorkerProcess> {
    const args = [roles, ...(slots === undefined ? [] : [String(slots)])];
    const worker = await WorkerProcess.start(args, { ...process.env, ...this.settings, TEMPORAL_ADDRESS: address, ...env });
    this.workers.push(worker);
    return worker;
  }

  /** Start the job of a film; its ID is the one given. */
  async submit(film: string, id: string, options: SegmentOptionsInput = FILM_OPTIONS): Promise<void> {
    await this.jobs.start({ video: film, id, options });
  }

  /** Wait until so many frames were tracked. */
  async tracked(frames: number): Promise<void> {
    await eventually(`${frames} tracked frames`, () => this.trace.tracked() >= frames, 60_000);
  }

  /** Records of checkpoints in the store: stage key -> lines that are safe. */
  async checkpoints(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for await (const { key } of this.objects.list('v1/checkpoints/')) {
      const [, stageKey] = /^v1\/checkpoints\/([^/]+)\/\d+\.json$/.exec(key) ?? [];
      if (stageKey === undefined) continue;
      const { firstLine, lines } = JSON.parse(Buffer.from(await this.objects.get(key)).toString()) as { firstLine: number; lines: number };
      found.set(stageKey, Math.max(found.get(stageKey) ?? 0, firstLine + lines));
    }
    return found;
  }

  /** End everything, whatever state it is in. */
  async close(): Promise<void> {
    await this.jobs.close();
    for (const { pid } of processesWithEnvironment(`VAMG_HOME=${this.settings['VAMG_HOME']}`)) kill(pid);
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.server.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function traceFile(folder: string): string {
  return path.join(folder, 'trace.jsonl');
}

/** temporal.yaml with short times. */
function writeConfig(folder: string, options: ClusterOptions): string {
  const config = parse(readFileSync(path.join(__dirname, '../../../temporal.yaml'), 'utf8')) as TemporalConfig;
  const inference = { ...config.workers.inference, heartbeatThrottle: '1s' };
  const workers = { ...config.workers, inference, heartbeatTimeout: `${HEARTBEAT_TIMEOUT_SECONDS}s`, shutdownGrace: '2s', shutdownForce: '20s', ...options.workers };
  const file = path.join(folder, 'temporal.yaml');
  writeFileSync(file, stringify({ ...config, workers }));
  return file;
}

/** Wait until something holds. @throws Error after the time is up */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
  for (const end = Date.now() + limitMs; !(await holds()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
  }
}
