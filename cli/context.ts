import path from 'node:path';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import type { SourceRegistry } from '../adapters/store/source-registry';
import { loadConfig, type AppConfig } from '../workers/config';
import { JobRecords } from './job/job-record';
import { createOutput, type Output } from './output/output';
import { fromUserFolder } from './output/user-folder';
import { loadArtefactStore, loadConnect, loadOpenStore } from './lazy';

/** What every command that deals with jobs needs. */
export interface CliContext {
  readonly config: AppConfig;
  readonly out: Output;
  readonly records: JobRecords;
  /** True when this machine runs server and workers itself. */
  readonly isEmbedded: boolean;
}

export interface ContextOptions {
  readonly json?: boolean;
  /** --store, as the user gave it. */
  readonly store?: string;
}

/** Read configuration and environment. @throws VamgError BadConfig */
export function createContext(options: ContextOptions): CliContext {
  // Worker processes read the same variable.
  if (options.store !== undefined) process.env['VAMG_STORE'] = options.store.includes('://') ? options.store : fromUserFolder(options.store);
  const config = loadConfig();
  return { config, out: createOutput(options.json === true), records: new JobRecords(config.home), isEmbedded: !loadConnect().namesOutsideServer() };
}

/** Open the artefact store of the configuration. @throws VamgError BadConfig */
export async function openArtefacts({ config }: CliContext): Promise<{ artefacts: ArtefactStore; sources: SourceRegistry }> {
  const { store, sources } = await loadOpenStore().openStore(config.storeUrl, { cacheDir: path.join(config.home, 'videos') });
  return { artefacts: new (loadArtefactStore().ArtefactStore)(store, config.scratchRoot), sources };
}

/** How the user calls us. */
export function commandName(env: NodeJS.ProcessEnv = process.env): string {
  return env['npm_lifecycle_event'] === 'start' ? 'npm start --' : 'vamg';
}
