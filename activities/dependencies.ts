import type { InferenceHost } from '../contracts/inference';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import type { SourceRegistry } from '../adapters/store/source-registry';
import type { MediaTools } from './media-tools';
import type { PromisedVideos } from './promised-videos';

/** What every activity needs; the workers hand it in. */
export interface StoreDependencies {
  readonly artefacts: ArtefactStore;
}

export type ControlDependencies = StoreDependencies;

export interface MediaDependencies extends StoreDependencies {
  readonly sources: SourceRegistry;
  readonly media: MediaTools;
  /** Version of video-amg, for what is written down of corrections. */
  readonly version: string;
  readonly promised: PromisedVideos;
}

export interface InferenceDependencies extends StoreDependencies {
  readonly sources: SourceRegistry;
  readonly host: InferenceHost;
  /** Seconds without any progress after which an attempt is given up. */
  readonly stallSeconds: number;
}
