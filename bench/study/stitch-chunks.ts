import type { Plan } from '../../contracts/artefacts';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { PlanningOptions } from '../../contracts/segment-options';
import type { ChunkTracks } from '../../core/pipeline/chunk-tracks';
import { ChainTracks } from '../../core/pipeline/chain-tracks';
import { matchNeighbours } from '../../core/pipeline/match-window';
import type { Timeline } from '../../core/pipeline/plan-video';
import { relabelChunk } from '../../core/pipeline/relabel-chunk';
import { readResolvable, resolveChunks } from '../../core/pipeline/resolve-chunks';
import { chainsOf } from '../../core/planning/chains';
import type { StitchedIdentities } from '../../core/stitch/resolve-with-reidentification';
import type { OverlapMatch } from '../../core/stitch/types';

export interface StitchRequest {
  readonly plan: Plan;
  /** What tracking left of each chunk of the plan. */
  readonly tracks: readonly ChunkTracks[];
  readonly planning: PlanningOptions;
  readonly timeline: Timeline;
  /** Size of the pictures in pixels. */
  readonly size: { readonly width: number; readonly height: number };
}

export interface StitchedChunks {
  readonly identities: StitchedIdentities;
  /** What masks.jsonl would hold. */
  readonly lines: readonly MaskLine[];
}

/**
 * Matches neighbours, resolves and relabels in this process, with the functions of the activities.
 * @throws FrameHashMismatch, RangeError when the chunks do not belong together
 */
export async function stitchChunks({ plan, tracks, planning, timeline, size }: StitchRequest): Promise<StitchedChunks> {
  const specs = chainsOf(plan.chunks);
  const chains = specs.map((spec) => ({ spec, tracks: new ChainTracks(plan, spec, ({ index }) => Promise.resolve(tracks[index]!)) }));
  const matches: OverlapMatch[] = [];
  for (const [i, right] of chains.slice(1).entries()) matches.push(await matchNeighbours(chains[i]!, right, planning));
  const resolvable = await Promise.all(chains.map(({ spec, tracks: of }) => readResolvable(of, spec)));
  const identities = resolveChunks(resolvable, matches, { planning, sceneCuts: plan.sceneCuts, size });
  const lines: MaskLine[] = [];
  for (const { spec } of chains)
    for (let index = spec.firstChunk; index < spec.endChunk; index++)
      for await (const line of relabelChunk({ plan, chains: specs, index, info: timeline, identities, tracks: tracks[index]!, next: chains[spec.index + 1]?.tracks ?? null })) lines.push(line);
  return { identities, lines };
}
