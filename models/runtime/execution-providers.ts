import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import { VamgError } from '../../contracts/errors';

/**
 * Providers in the order in which `auto` tries them; cpu always works. Only on request: tensorrt, which builds an engine for
 * minutes first, and webgpu, which is slower than cpu on software adapters.
 */
const AUTO_ORDER = ['cuda', 'coreml', 'dml', 'cpu'] as const;

const HINTS: Readonly<Record<string, string>> = {
  cuda: 'it needs an NVIDIA GPU with its driver, CUDA, cuDNN 9 and the CUDA libraries of onnxruntime-node: docs/gpu.md',
  tensorrt: 'it needs what cuda needs, and TensorRT: docs/gpu.md',
  coreml: 'it exists on macOS only',
  dml: 'it exists on Windows only',
};

export interface ExecutionProvider {
  readonly name: string;
  /** True when its native library is there; whether the device works shows only when a graph is loaded. */
  readonly isInstalled: boolean;
}

/** What this build of onnxruntime-node knows. */
export function listExecutionProviders(): ExecutionProvider[] {
  return listSupportedBackends().map(({ name, bundled }) => ({ name, isInstalled: bundled || hasLibrary(name) }));
}

/** CUDA and TensorRT providers are libraries of their own, which npm installs only when asked to; each needs the one they share. */
function hasLibrary(provider: string): boolean {
  return findLibrary(provider) !== undefined && findLibrary('shared') !== undefined;
}

function findLibrary(provider: string): string | undefined {
  const binaries = join(dirname(require.resolve('onnxruntime-node/package.json')), 'bin');
  const file = process.platform === 'win32' ? `onnxruntime_providers_${provider}.dll` : `libonnxruntime_providers_${provider}.so`;
  return readdirSync(binaries)
    .map((version) => join(binaries, version, process.platform, process.arch, file))
    .find((path) => existsSync(path));
}

/**
 * Providers to try, best first. A named device gives that one alone; `auto` all that are installed, ending with cpu.
 * @throws VamgError SetupMissing for a provider that is not installed.
 */
export function candidateProviders(device: string): string[] {
  const installed = listExecutionProviders()
    .filter((provider) => provider.isInstalled)
    .map((provider) => provider.name);
  if (device === 'auto') return AUTO_ORDER.filter((name) => name === 'cpu' || installed.includes(name));
  if (device !== 'cpu' && !installed.includes(device)) throw missingProvider(device);
  return [device];
}

/** The error for a provider that is unknown here or failed to start. */
export function missingProvider(device: string, cause?: unknown): VamgError {
  const installed = listExecutionProviders().filter((provider) => provider.isInstalled);
  const reason = cause === undefined ? undefined : unusableReason(device, cause);
  const hint = HINTS[device] === undefined ? '' : ` (${HINTS[device]})`;
  return new VamgError('SetupMissing', `Device ${device} cannot be used on this machine${reason === undefined ? '' : `: ${reason}`}${hint}. Installed here: ${installed.map((provider) => provider.name).join(', ')}. Use --device cpu or auto.`, { cause });
}

/** Why a provider did not start, in a few words without a path of this machine; undefined when that cannot be told. */
export function unusableReason(provider: string, error: unknown): string | undefined {
  const said = /CUDA failure \d+: ([^;\n]+?) *;/.exec(error instanceof Error ? error.message : '')?.[1];
  if (said !== undefined) return said;
  const library = missingLibrary(provider);
  return library === undefined ? undefined : `${library} is missing`;
}

/** The library without which the system's loader cannot open a provider's. onnxruntime itself says only that it failed. */
function missingLibrary(provider: string): string | undefined {
  const file = process.platform === 'linux' ? findLibrary(provider) : undefined;
  if (file === undefined) return undefined;
  try {
    process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_LAZY);
  } catch (error) {
    const missing = /(\S+): cannot open shared object file/.exec(error instanceof Error ? error.message : '')?.[1];
    return missing === undefined ? undefined : basename(missing);
  }
  return undefined;
}
