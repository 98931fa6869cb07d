import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findFfmpeg } from '../../adapters/ffmpeg/ffmpeg-binary';
import { openStore } from '../../adapters/store/open-store';
import { VamgError } from '../../contracts/errors';
import { isBundleReady } from '../../models/bundles';
import { listExecutionProviders } from '../../models/runtime/execution-providers';
import type { AppConfig } from '../../workers/config';
import { connectClient, connectionSettings, namesOutsideServer } from '../../workers/connect';
import { findTemporal } from '../embedded/find-temporal';
import { sayError } from '../output/exit-error';

export interface CheckResult {
  readonly name: string;
  readonly isOk: boolean;
  /** False for what only some need, such as a GPU. */
  readonly isNeeded: boolean;
  readonly sentence: string;
}

interface Check {
  readonly name: string;
  readonly isNeeded: boolean;
  /** A sentence when all is well. @throws what is wrong */
  run(config: AppConfig): Promise<string>;
}

const MODEL = 'mobilesam';

const CHECKS: readonly Check[] = [
  {
    name: 'Node.js',
    isNeeded: true,
    async run() {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
      if (major < 20 || (major === 20 && minor < 9)) throw new VamgError('SetupMissing', `Node ${process.versions.node} is too old; 20.9 or newer is needed.`);
      return `Node ${process.versions.node} on ${process.platform} ${process.arch}.`;
    },
  },
  {
    name: 'packages',
    isNeeded: true,
    async run() {
      const missing = ['@temporalio/worker', '@temporalio/client', 'onnxruntime-node', 'sharp', 'minio'].filter((name) => !isInstalled(name));
      if (missing.length > 0) throw new VamgError('SetupMissing', `Packages are missing (${missing.join(', ')}); \`npm ci\` installs them.`);
      return 'All packages are installed.';
    },
  },
  {
    name: 'ffmpeg',
    isNeeded: true,
    async run() {
      return `ffmpeg ${(await findFfmpeg()).version}.`;
    },
  },
  {
    name: 'Temporal server',
    isNeeded: true,
    async run(config) {
      if (!namesOutsideServer()) {
        const { serverVersion } = await findTemporal(config.root);
        return `A server of this machine (${serverVersion}) is started when it is needed.`;
      }
      const connection = await connectClient(connectionSettings());
      await connection.close();
      return 'The server that the environment names answers.';
    },
  },
  {
    name: 'model files',
    isNeeded: true,
    async run() {
      if (!(await isBundleReady(MODEL))) throw new VamgError('SetupMissing', `The files of ${MODEL} are not here yet; \`vamg models pull ${MODEL}\` fetches them.`);
      return `The files of ${MODEL} are here.`;
    },
  },
  {
    name: 'store',
    isNeeded: true,
    async run(config) {
      const { store } = await openStore(config.storeUrl);
      const key = `v1/doctor/${randomUUID()}`;
      await store.put(key, Buffer.from('ok'));
      const answer = Buffer.from(await store.get(key)).toString();
      await store.remove(key);
      if (answer !== 'ok') throw new VamgError('StoreUnavailable', 'The store does not give back what was written to it.');
      return `The store (${store.description}) can be written and read.`;
    },
  },
  {
    name: 'GPU',
    isNeeded: false,
    async run() {
      const names = listExecutionProviders().map((provider) => provider.name).filter((name) => name !== 'cpu');
      if (names.length === 0) throw new VamgError('SetupMissing', 'Only the CPU can be used; that works, and is slower.');
      return `The CPU can be used, and this build also knows ${names.join(', ')}; --device auto takes the best one that works.`;
    },
  },
];

/** Run every check; none of them throws. */
export async function runChecks(config: AppConfig): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, isNeeded, run } of CHECKS) {
    try {
      results.push({ name, isNeeded, isOk: true, sentence: await run(config) });
    } catch (error) {
      results.push({ name, isNeeded, isOk: false, sentence: sayError(error).message });
    }
  }
  return results;
}

/** In node_modules of this folder or of one above: where video-amg itself is a package, its dependencies stand beside it. */
function isInstalled(name: string): boolean {
  return (require.resolve.paths(name) ?? []).some((folder) => existsSync(path.join(folder, name, 'package.json')));
}
