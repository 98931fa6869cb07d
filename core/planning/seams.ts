import type { Plan } from '../../contracts/artefacts';
import type { Seam } from '../metrics/seam-switches';

/** Where the chunks of a plan meet, as frame numbers in the source. */
export function seamsOf({ chunks, firstFrame, frameStep }: Pick<Plan, 'chunks' | 'firstFrame' | 'frameStep'>): Seam[] {
  const inSource = (position: number): number => firstFrame + position * frameStep;
  return chunks.slice(1).map(({ ownedStart, startFrame }) => ({ frame: inSource(ownedStart), sharedFrom: inSource(startFrame) }));
}
