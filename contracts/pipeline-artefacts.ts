import { z } from 'zod';
import { objectRefSchema } from './object-ref';
import { videoInfoSchema } from './video-info';

/** Result of `probe`. */
export const probeArtefactSchema = z.strictObject({
  schemaVersion: z.literal(1),
  info: videoInfoSchema,
  /** Decode indices of the first frame of each scene, never 0. */
  sceneCuts: z.array(z.int().min(1)),
});
export type ProbeArtefact = z.output<typeof probeArtefactSchema>;

/** Result of `render` for one chunk. */
export const renderArtefactSchema = z.strictObject({
  schemaVersion: z.literal(1),
  overlay: objectRefSchema.nullable(),
  preview: objectRefSchema.nullable(),
});
export type RenderArtefact = z.output<typeof renderArtefactSchema>;

/** Result of `publish`, and of the job: file name in the result folder -> its bytes. */
export const resultManifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  files: z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$/), objectRefSchema),
});
export type ResultManifest = z.output<typeof resultManifestSchema>;

/** One line of masks.jsonl. */
export const maskLineSchema = z.strictObject({
  frame: z.int().min(0),
  time: z.number(),
  objects: z.array(
    z.strictObject({
      id: z.int().min(1),
      score: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      area: z.int().min(0),
      segmentation: z.strictObject({ size: z.tuple([z.int(), z.int()]), counts: z.string() }),
    }),
  ),
});
export type MaskLine = z.output<typeof maskLineSchema>;
