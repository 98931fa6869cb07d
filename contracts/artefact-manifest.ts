import { z } from 'zod';
import { objectRefSchema } from './object-ref';

/** Stages whose results are kept in the store under a key derived from everything that decides them. */
export const STAGES = ['probe', 'plan', 'detect', 'track', 'hand-over', 'match', 'resolve', 'relabel', 'render', 'publish', 'correct'] as const;
export type Stage = (typeof STAGES)[number];

/** Facts about an artefact that are cheap to pass around: counts and times. */
export const summarySchema = z.record(z.string().max(40), z.union([z.number(), z.string().max(200), z.boolean(), z.null()]));
export type Summary = z.output<typeof summarySchema>;

/** `v1/<stage>/<key>.json`: written last, so that its existence means that the artefact is whole. */
export const artefactManifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  stage: z.enum(STAGES),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** The data, addressed by its content: `v1/data/<sha256>`. */
  ref: objectRefSchema,
  summary: summarySchema,
  createdBy: z.string(),
});
export type ArtefactManifest = z.output<typeof artefactManifestSchema>;
