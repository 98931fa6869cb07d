import type { JobSpec } from '../../contracts/artefacts';
import { canonicalJson } from './canonical-json';
import type { HashText } from './stage-keys';

/** `<cleaned name>-<8 hex>`: the same video with the same options is the same job. */
export function deriveJobId(spec: JobSpec, hash: HashText): string {
  return `${cleanName(spec.videoName)}-${hash(canonicalJson(spec)).slice(0, 8)}`;
}

/** File name as the beginning of an ID: "My Film (1).mp4" -> "my-film-1". */
export function cleanName(name: string): string {
  const base = name.replace(/\.[^.]*$/, '').normalize('NFKD').toLowerCase();
  const cleaned = base.replace(/[^a-z0-9._]+/g, '-').replace(/^[-._]+|[-._]+$/g, '').slice(0, 40).replace(/[-._]+$/, '');
  return cleaned === '' ? 'video' : cleaned;
}
