import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PRESET_NAMES, type PresetName } from '../../contracts/presets';
import type { VideoNetwork } from '../../contracts/video-network';
import { hasMemoryNetwork } from '../../models/bundles';
import { openImageSegmenter, openVideoNetwork } from '../../models/open-networks';
import { isClip, openClip, type Clip } from './clip';
import { cacheEmbeddings, type StudySegmenter } from './embedding-cache';
import { encoderIdentity, openStudyBundle } from './study-bundle';

/** Command-line options that all benchmarks over clips have. */
export const BENCH_OPTIONS = {
  data: { type: 'string' },
  bundle: { type: 'string' },
  preset: { type: 'string', default: 'balanced' },
  /** Execution provider of the networks: cpu, cuda, … or auto. */
  device: { type: 'string', default: 'cpu' },
  frames: { type: 'string', default: '100000' },
  cache: { type: 'string', default: '/tmp/vamg-tracking-study' },
} as const;

export interface Networks {
  readonly segmenter: StudySegmenter;
  readonly memory: VideoNetwork | undefined;
  dispose(): Promise<void>;
}

/** @throws Error for a name that is none */
export function presetOf(name: string): PresetName {
  const preset = PRESET_NAMES.find((known) => known === name);
  if (!preset) throw new Error(`no preset ${name}`);
  return preset;
}

/** The clips of a folder whose names start with one of a comma-separated list, by name. @throws Error without a folder */
export async function openClips(data: string | undefined, starts: string): Promise<Clip[]> {
  if (!data) throw new Error('--data is needed: a folder of clips with frames/ or video.mp4, and masks/');
  const wanted = starts.split(',');
  const names = readdirSync(data).filter((name) => wanted.some((start) => name.startsWith(start))).sort();
  return Promise.all(names.map((name) => join(data, name)).filter(isClip).map(openClip));
}

/** Where results of a device are kept: other devices round otherwise, so each has a folder of its own. */
export function cacheFolder({ cache, device }: { readonly cache: string; readonly device: string }): string {
  const folder = device === 'cpu' ? cache : join(cache, device);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The networks of a bundle (the built-in one, or one in a folder) on a device, the encoder's output cached in a folder. */
export async function openNetworks(values: { readonly bundle?: string | undefined; readonly cache: string; readonly device: string }, inputSize: number): Promise<Networks> {
  const bundle = await openStudyBundle(values.bundle);
  const session = { device: values.device, onLog: (message: string) => console.error(message) };
  const model = await openImageSegmenter(bundle, inputSize, session);
  const segmenter = cacheEmbeddings(model, cacheFolder(values), encoderIdentity(bundle, inputSize));
  const memory = hasMemoryNetwork(bundle.manifest) ? await openVideoNetwork(bundle, model, session) : undefined;
  const dispose = async (): Promise<void> => {
    await memory?.dispose();
    await segmenter.dispose();
  };
  return { segmenter, memory, dispose };
}
