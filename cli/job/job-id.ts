import { createHash } from 'node:crypto';
import type { JobSpec } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import { canonicalJson } from '../../core/pipeline/canonical-json';

const JOB_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** A job ID that the user chose. @throws VamgError BadConfig */
export function checkJobId(id: string): string {
  if (!JOB_ID.test(id))
    throw new VamgError('BadConfig', `A job ID is 1 to 64 lower-case letters, digits, dots, dashes and underscores and starts with a letter or digit, got '${id.slice(0, 80)}'.`);
  return id;
}

/** `<cleaned name>-<8 hex>`: the same video with the same options is the same job. */
export function deriveJobId(spec: JobSpec): string {
  const hash = createHash('sha256').update(canonicalJson(spec)).digest('hex').slice(0, 8);
  return `${cleanName(spec.videoName)}-${hash}`;
}

/** File name as the beginning of an ID: "My Film (1).mp4" -> "my-film-1". */
export function cleanName(name: string): string {
  const base = name.replace(/\.[^.]*$/, '').normalize('NFKD').toLowerCase();
  const cleaned = base.replace(/[^a-z0-9._]+/g, '-').replace(/^[-._]+|[-._]+$/g, '').slice(0, 40).replace(/[-._]+$/, '');
  return cleaned === '' ? 'video' : cleaned;
}
