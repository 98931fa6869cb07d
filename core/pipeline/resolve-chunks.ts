import type { PlanningOptions } from '../../contracts/segment-options';
import type { ChunkSpec } from '../planning/plan-chunks';
import type { ChunkTracklets } from '../stitch/resolve-identities';
import { finish, type Steps } from '../stitch/steps';
import { resolveInSteps, type StitchedIdentities, type TrackletLook } from '../stitch/resolve-with-reidentification';
import type { OverlapMatch, TrackletKey } from '../stitch/types';
import type { ChunkTracks } from './chunk-tracks';
import { readLooks, readTracklets } from './match-window';

/** What resolving needs of one chain; small beside its masks. */
export interface ResolvableChunk extends ChunkTracklets {
  /** By localId. */
  readonly looks: ReadonlyMap<number, TrackletLook>;
}

/** Takes out of a chain's tracks what resolving needs. */
export async function readResolvable(tracks: ChunkTracks, spec: ChunkSpec): Promise<ResolvableChunk> {
  return { spec, tracklets: await readTracklets(tracks, spec), looks: await readLooks(tracks) };
}

export interface ResolveChunks {
  readonly planning: PlanningOptions;
  /** Positions at which a new scene starts. */
  readonly sceneCuts: readonly number[];
  /** Size of the pictures in pixels. */
  readonly size: { readonly width: number; readonly height: number };
}

/** One identity per object over the whole video, from all chains and the decisions on all borders between them. */
export function resolveChunks(chunks: readonly ResolvableChunk[], matches: readonly OverlapMatch[], request: ResolveChunks): StitchedIdentities {
  return finish(resolveChunksInSteps(chunks, matches, request));
}

/** As resolveChunks: of a film of days it takes longer than a worker may be silent. */
export function resolveChunksInSteps(chunks: readonly ResolvableChunk[], matches: readonly OverlapMatch[], { planning, sceneCuts, size }: ResolveChunks): Steps<StitchedIdentities> {
  const looks = new Map(chunks.map((chunk) => [chunk.spec.index, chunk.looks]));
  const lookOf = ({ chunkIndex, localId }: TrackletKey): TrackletLook | undefined => looks.get(chunkIndex)?.get(localId);
  return resolveInSteps(chunks, matches, { ...planning, lookOf, span: Math.max(size.width, size.height), sceneCuts });
}
