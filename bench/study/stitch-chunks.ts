import type { Plan } from '../../contracts/artefacts';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { PlanningOptions } from '../../contracts/segment-options';
import type { ChunkTracks } from '../../core/pipeline/chunk-tracks';
import { matchNeighbours } from '../../core/pipeline/match-window';
import type { Timeline } from '../../core/pipeline/plan-video';
import { relabelChunk } from '../../core/pipeline/relabel-chunk';
import { readResolvable, resolveChunks } from '../../core/pipeline/resolve-chunks';
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
  const chunks = plan.chunks.map((spec, i) => ({ spec, tracks: tracks[i]! }));
  const matches: OverlapMatch[] = [];
  for (const [i, right] of chunks.slice(1).entries()) matches.push(await matchNeighbours(chunks[i]!, right, planning));
  const resolvable = await Promise.all(chunks.map(({ spec, tracks: of }) => readResolvable(of, spec)));
  const identities = resolveChunks(resolvable, matches, { planning, sceneCuts: plan.sceneCuts, size });
  const lines: MaskLine[] = [];
  for (const { spec, tracks: of } of chunks)
    for await (const line of relabelChunk({ plan, index: spec.index, info: timeline, identities, tracks: of, next: tracks[spec.index + 1] ?? null })) lines.push(line);
  return { identities, lines };
}
