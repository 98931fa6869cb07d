import { z } from 'zod';

/** A claim check: what goes through a workflow instead of the bytes. `key` is store-relative, never a host path or URL. */
export const objectRefSchema = z.strictObject({
  key: z.string().regex(/^v1\/[a-z0-9._/-]{1,400}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
});
export type ObjectRef = z.output<typeof objectRefSchema>;
