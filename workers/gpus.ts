import { VamgError } from '../contracts/errors';

/** A number as in nvidia-smi, or the UUID of a GPU or of a MIG slice. */
const GPU = /^(\d{1,3}|(GPU|MIG)-[A-Za-z0-9][A-Za-z0-9/-]{0,80})$/;
const MAX_GPUS = 64;

/** GPUs of a list such as `0,1`. @throws VamgError BadConfig */
export function parseGpus(text: string): string[] {
  const gpus = text.split(',').map((part) => part.trim());
  const isUsable = gpus.length <= MAX_GPUS && gpus.every((gpu) => GPU.test(gpu)) && new Set(gpus).size === gpus.length;
  if (!isUsable) throw new VamgError('BadConfig', '--gpus must be different numbers or UUIDs of nvidia-smi, such as 0,1 (several chunks on one GPU: --slots).');
  return gpus;
}

/** How many chunks at one time: as asked for, else one per GPU, else as configured. @throws VamgError BadConfig when a GPU would stay idle */
export function inferenceSlots(gpus: readonly string[], asked: number | undefined, configured: number): number {
  if (asked !== undefined && asked < gpus.length) throw new VamgError('BadConfig', `--slots ${asked} leaves some of the ${gpus.length} GPUs of --gpus without work; give at least ${gpus.length}.`);
  return asked ?? (gpus.length > 0 ? gpus.length : configured);
}

/** Environment of the inference process with this number: it sees one GPU alone. Empty without a list. */
export function gpuEnvironment(gpus: readonly string[], index: number): Record<string, string> {
  const gpu = gpus[index % gpus.length];
  return gpu === undefined ? {} : { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: gpu };
}
