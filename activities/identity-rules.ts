import type { OverlapMatch, Tracklet } from '../core/stitch/types';
import type { IdentityArtefact } from '../contracts/pipeline-artefacts';

export interface ResolveRequest {
  /** Tracklets of all chunks, in chunk order. */
  readonly tracklets: readonly Tracklet[];
  /** Appearance vectors, keyed `<chunk>/<localId>`. */
  readonly appearance: ReadonlyMap<string, Float32Array>;
  /** parent localId per tracklet, keyed `<chunk>/<localId>`. */
  readonly parents: ReadonlyMap<string, number>;
  /** One match per border, in order. */
  readonly matches: readonly OverlapMatch[];
  readonly chunkCount: number;
  readonly stitchMargin: number;
}

/** From tracklets and matches to identities: pure; workers/ binds it to core/stitch. */
export type ResolveIdentities = (request: ResolveRequest) => IdentityArtefact;
