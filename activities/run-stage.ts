import type { ArtefactManifest, Stage, Summary } from '../contracts/artefact-manifest';
import type { StageResult } from '../contracts/activity-types';
import type { ArtefactStore } from '../adapters/store/artefact-store';
import { withScratchDir } from '../adapters/store/scratch-dir';

/** What a stage hands back to be stored: a file in the scratch folder, or a JSON value. */
export type StageOutput = { readonly summary: Summary } & ({ readonly file: string } | { readonly json: unknown });

/** Return the artefact if it is there and whole; else compute and store it. */
export async function runStage(
  artefacts: ArtefactStore,
  stage: Stage,
  key: string,
  compute: (folder: string) => Promise<StageOutput>,
): Promise<StageResult & { readonly manifest: ArtefactManifest }> {
  const existing = await artefacts.findVerified(stage, key);
  if (existing !== null) return { skipped: true, summary: existing.summary, manifest: existing };
  const manifest = await withScratchDir(artefacts.scratchRoot, async (folder) => {
    const output = await compute(folder);
    if ('file' in output) return await artefacts.publishFile(stage, key, output.file, output.summary);
    return await artefacts.publishJson(stage, key, output.json, output.summary);
  });
  return { skipped: false, summary: manifest.summary, manifest };
}

/** The part of a stage's outcome that goes back to the workflow. */
export function toStageResult(outcome: StageResult): StageResult {
  return { skipped: outcome.skipped, summary: outcome.summary };
}
