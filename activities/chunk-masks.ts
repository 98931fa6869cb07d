import type { ArtefactStore } from '../adapters/store/artefact-store';
import type { MaskLine } from '../contracts/pipeline-artefacts';
import { ChainTracks } from '../core/pipeline/chain-tracks';
import { relabelChunk } from '../core/pipeline/relabel-chunk';
import type { Chain } from '../core/planning/chains';
import { loadProbe, type JobContext } from './job-context';
import { identityMapSchema } from './stitch-artefacts';
import { TracksFile } from './tracks-file';

/** Tracks of a chain; a chunk's file is fetched into `folder` when it is first needed. */
export function chainTracks(artefacts: ArtefactStore, { plan, keys }: JobContext, chain: Chain, folder: string): ChainTracks {
  const opened = new Map<number, Promise<TracksFile>>();
  return new ChainTracks(plan, chain, (chunk) => {
    const file = opened.get(chunk.index) ?? TracksFile.fetch(artefacts, keys, chunk, folder);
    opened.set(chunk.index, file);
    return file;
  });
}

/** A chunk's share of masks.jsonl, from position `from` on, made from its tracks and what stitching decided. */
export async function* chunkMasks(artefacts: ArtefactStore, context: JobContext, index: number, folder: string, from = 0): AsyncGenerator<MaskLine> {
  const { job, plan, keys } = context;
  const { info } = await loadProbe(artefacts, job);
  const identities = await artefacts.readKeptInput(await artefacts.need('resolve', keys.resolve()), identityMapSchema);
  const tracks = await TracksFile.fetch(artefacts, keys, plan.chunks[index]!, folder);
  const after = keys.chains[keys.chainOf(index).index + 1];
  const next = after === undefined ? null : chainTracks(artefacts, context, after, folder);
  yield* relabelChunk({ plan, chains: keys.chains, index, info, identities, tracks, next, from });
}
