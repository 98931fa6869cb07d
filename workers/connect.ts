import { Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { VamgError } from '../contracts/errors';

export interface ConnectionSettings {
  readonly options: NativeConnectionOptions;
  /** undefined when the environment names none. */
  readonly namespace: string | undefined;
}

/** True when the environment names a Temporal server, so that none is started here. */
export function namesOutsideServer(env: NodeJS.ProcessEnv = process.env): boolean {
  return ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => (env[name] ?? '') !== '');
}

/**
 * Connection settings from TEMPORAL_* variables and temporal.toml, or for `address` (the dev server of this machine) when given.
 * @throws VamgError BadConfig; never shows values, which may be keys
 */
export function connectionSettings(address?: string, env: NodeJS.ProcessEnv = process.env): ConnectionSettings {
  if (address !== undefined) return { options: { address }, namespace: undefined };
  try {
    const overrideEnvVars = Object.fromEntries(Object.entries(env).filter(([name, value]) => name.startsWith('TEMPORAL_') && value !== '')) as Record<string, string>;
    const profile = env['TEMPORAL_PROFILE'];
    const config = loadClientConnectConfig({ overrideEnvVars, ...(profile !== undefined && profile !== '' && { profile }) });
    return { options: config.connectionOptions, namespace: config.namespace };
  } catch (cause) {
    throw new VamgError('BadConfig', 'The TEMPORAL_* variables or the temporal.toml they name cannot be used; check profile and file.', { cause });
  }
}

/** Connection of a client. @throws VamgError SetupMissing when nobody answers */
export async function connectClient(settings: ConnectionSettings): Promise<Connection> {
  return await orSetupMissing(Connection.connect({ ...(settings.options as ConnectionOptions), connectTimeout: '10s' }));
}

/** Connection of workers. @throws VamgError SetupMissing when nobody answers */
export async function connectWorker(settings: ConnectionSettings): Promise<NativeConnection> {
  return await orSetupMissing(NativeConnection.connect(settings.options));
}

async function orSetupMissing<T>(connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (cause) {
    throw new VamgError('SetupMissing', 'The Temporal server does not answer; check TEMPORAL_ADDRESS, or unset it to use one on this machine.', { cause });
  }
}
