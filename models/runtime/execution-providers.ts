import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import { VamgError } from '../../contracts/errors';

/**
 * Providers in the order in which `auto` tries them; cpu always works. Only on request: tensorrt, which builds an engine for
 * minutes first, and webgpu, which is slower than cpu on software adapters.
 */
const AUTO_ORDER = ['cuda', 'coreml', 'dml', 'cpu'] as const;

const HINTS: Readonly<Record<string, string>> = {
  cuda: 'it needs an NVIDIA GPU, its driver, CUDA and cuDNN; reinstall onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda',
  tensorrt: 'it needs CUDA and TensorRT; reinstall onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda',
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

/** CUDA and TensorRT providers are libraries of their own, which npm installs only when asked to. */
function hasLibrary(provider: string): boolean {
  const binaries = join(dirname(require.resolve('onnxruntime-node/package.json')), 'bin');
  const file = process.platform === 'win32' ? `onnxruntime_providers_${provider}.dll` : `libonnxruntime_providers_${provider}.so`;
  return readdirSync(binaries).some((version) => existsSync(join(binaries, version, process.platform, process.arch, file)));
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
  const hint = HINTS[device] === undefined ? '' : ` (${HINTS[device]})`;
  return new VamgError('SetupMissing', `Device ${device} cannot be used on this machine${hint}. Installed here: ${installed.map((provider) => provider.name).join(', ')}. Use --device cpu or auto.`, { cause });
}
