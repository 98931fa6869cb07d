import type { Plan } from '../../contracts/artefacts';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { frameTimeSeconds, type VideoInfo } from '../../contracts/video-info';
import { chainWith, type Chain } from '../planning/chains';
import type { IdentityMap } from '../stitch/identity-map';
import type { ChunkTracks } from './chunk-tracks';
import { relabelFrame } from './relabel-frame';

export interface RelabelChunk {
  readonly plan: Plan;
  /** chainsOf the plan's chunks. */
  readonly chains: readonly Chain[];
  readonly index: number;
  readonly info: Pick<VideoInfo, 'pts' | 'startPts' | 'timeBase'>;
  /** By chain. */
  readonly identities: Pick<IdentityMap, 'chunks'>;
  readonly tracks: ChunkTracks;
  /** Tracks of the chain after the one that the chunk is in; null where there is none. */
  readonly next: ChunkTracks | null;
  /** First position wanted of those that the chunk owns; default all. */
  readonly from?: number;
}

/**
 * A chunk's share of masks.jsonl: one line for each position that it owns (from `from` on), in order. Where the next chain has begun, both are asked.
 * @throws RangeError when the tracks and the identities do not belong together
 */
export async function* relabelChunk({ plan, chains, index, info, identities, tracks, next, from = 0 }: RelabelChunk): AsyncGenerator<MaskLine> {
  const { ownedStart, ownedEnd } = plan.chunks[index]!;
  const start = Math.max(ownedStart, from);
  const chain = chainWith(chains, index);
  const nextStart = chains[chain.index + 1]?.startFrame ?? Infinity;
  const nextLines = nextStart < ownedEnd ? next?.lines(Math.max(nextStart, start), ownedEnd) : undefined;
  for await (const line of tracks.lines(start, ownedEnd)) {
    const frame = plan.firstFrame + line.position * plan.frameStep;
    const sources = [{ assignments: identities.chunks[chain.index]!, objects: line.objects }];
    if (line.position >= nextStart) {
      const seen = await nextLines?.next();
      if (seen?.done === false) sources.push({ assignments: identities.chunks[chain.index + 1]!, objects: seen.value.objects });
    }
    yield relabelFrame({ position: line.position, frame, timeSeconds: frameTimeSeconds(info, frame), sources });
  }
}
