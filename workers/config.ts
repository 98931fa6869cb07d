import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { prettifyError } from 'zod';
import { VamgError } from '../contracts/errors';
import { temporalConfigSchema, type TemporalConfig } from '../contracts/temporal-config';

/** Everything a worker or the command line needs to know about its surroundings. */
export interface AppConfig {
  readonly temporal: TemporalConfig;
  /** Folder of this checkout or installation. */
  readonly root: string;
  /** Machine-local state: store, database of the dev server, logs. */
  readonly home: string;
  /** file:///… or s3://bucket/prefix. */
  readonly storeUrl: string;
  readonly scratchRoot: string;
  readonly logLevel: string;
  readonly queuePrefix: string;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/**
 * Read temporal.yaml (or VAMG_CONFIG) and the environment: VAMG_HOME, VAMG_STORE, VAMG_SCRATCH, VAMG_LOG_LEVEL,
 * VAMG_QUEUE_PREFIX. The result is frozen. @throws VamgError BadConfig naming the place that is wrong
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): AppConfig {
  const root = findRoot(__dirname);
  const temporal = readTemporalConfig(env['VAMG_CONFIG'] ?? path.join(root, 'temporal.yaml'));
  const home = path.resolve(env['VAMG_HOME'] ?? path.join(root, '.vamg'));
  const logLevel = env['VAMG_LOG_LEVEL'] ?? 'warn';
  if (!LOG_LEVELS.includes(logLevel)) throw new VamgError('BadConfig', `VAMG_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`);
  const queuePrefix = env['VAMG_QUEUE_PREFIX'] ?? temporal.taskQueuePrefix;
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(queuePrefix)) throw new VamgError('BadConfig', 'VAMG_QUEUE_PREFIX must be lower-case letters, digits and dashes.');
  return deepFreeze({
    temporal,
    root,
    home,
    storeUrl: env['VAMG_STORE'] ?? path.join(home, 'store'),
    scratchRoot: path.resolve(env['VAMG_SCRATCH'] ?? path.join(home, 'scratch')),
    logLevel,
    queuePrefix,
  });
}

function readTemporalConfig(file: string): TemporalConfig {
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new VamgError('BadConfig', `${path.basename(file)} cannot be read as YAML; restore it, or name another in VAMG_CONFIG.`, { cause });
  }
  const parsed = temporalConfigSchema.safeParse(value);
  if (!parsed.success) throw new VamgError('BadConfig', `${path.basename(file)} is not valid:\n${prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The nearest folder upwards that holds temporal.yaml: the checkout, from source and from dist/ alike. */
function findRoot(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'temporal.yaml'))) return folder;
    if (folder === path.dirname(folder)) throw new VamgError('SetupMissing', 'temporal.yaml is missing from the installation; install video-amg again.');
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
