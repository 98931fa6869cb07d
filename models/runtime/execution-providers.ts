import { listSupportedBackends } from 'onnxruntime-node';
import { VamgError } from '../../contracts/errors';

/** Providers in the order in which `auto` tries them; cpu always works. */
const AUTO_ORDER = ['tensorrt', 'cuda', 'coreml', 'dml', 'cpu'] as const;

const HINTS: Readonly<Record<string, string>> = {
  cuda: 'it needs an NVIDIA GPU, its driver, CUDA and cuDNN; reinstall onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda',
  tensorrt: 'it needs CUDA and TensorRT; reinstall onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda',
  coreml: 'it exists on macOS only',
  dml: 'it exists on Windows only',
};

export interface ExecutionProvider {
  readonly name: string;
  /** False when the native library must be installed apart from the npm package. */
  readonly isBundled: boolean;
}

/** What this build of onnxruntime-node knows; being listed does not mean that the device is there. */
export function listExecutionProviders(): ExecutionProvider[] {
  return listSupportedBackends().map((backend) => ({ name: backend.name, isBundled: backend.bundled }));
}

/**
 * Providers to try, best first. A named device gives that one alone; `auto` all that are known, ending with cpu (webgpu is
 * never chosen by itself: it is slower than cpu on software adapters).
 * @throws VamgError SetupMissing for a provider that this build does not have.
 */
export function candidateProviders(device: string): string[] {
  const known = listExecutionProviders().map((provider) => provider.name);
  if (device === 'auto') return AUTO_ORDER.filter((name) => name === 'cpu' || known.includes(name));
  if (device !== 'cpu' && !known.includes(device)) throw missingProvider(device);
  return [device];
}

/** The error for a provider that is unknown here or failed to start. */
export function missingProvider(device: string, cause?: unknown): VamgError {
  const known = listExecutionProviders().map((provider) => provider.name);
  const hint = HINTS[device] === undefined ? '' : ` (${HINTS[device]})`;
  return new VamgError('SetupMissing', `Device ${device} cannot be used on this machine${hint}. This build knows: ${known.join(', ')}. Use --device cpu or auto.`, { cause });
}
