import { sha256Hex } from '../../adapters/store/hash-file';
import type { JobSpec } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import { deriveJobId as derive } from '../../core/pipeline/job-id';

export { cleanName } from '../../core/pipeline/job-id';

const JOB_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** A job ID that the user chose. @throws VamgError BadConfig */
export function checkJobId(id: string): string {
  if (!JOB_ID.test(id))
    throw new VamgError('BadConfig', `A job ID is 1 to 64 lower-case letters, digits, dots, dashes and underscores and starts with a letter or digit, got '${id.slice(0, 80)}'.`);
  return id;
}

/** `<cleaned name>-<8 hex>`: the same video with the same options is the same job. */
export function deriveJobId(spec: JobSpec): string {
  return derive(spec, sha256Hex);
}
