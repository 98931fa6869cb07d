import type { ArchiveSpec } from '../../contracts/archive';
import { canonicalJson } from './canonical-json';
import type { HashText } from './stage-keys';

/**
 * Under which the records of an archive are kept, 16 hex digits: source, destination, model, and the options that change results.
 * How many chunks run at one time and on which device does not count; neither does the version of the code, or every update would
 * process the whole archive again.
 */
export function archiveKey({ source, dest, options, model }: ArchiveSpec, hash: HashText): string {
  const { device, planning, ...others } = options;
  void device;
  return hash(canonicalJson({ source, dest, model: model.sha256, options: { ...others, planning: { ...planning, parallel: undefined } } })).slice(0, 16);
}
