import type { TrackingOptions } from '../../contracts/segment-options';
import { rleIou } from '../mask/rle-ops';
import type { DetectionCandidate } from './detection-candidates';
import { importance, importanceConfirmed, importanceOf } from './importance';
import type { PendingFrame } from './pending-frame';
import { isPinned, type Track } from './track';

/**
 * Places beyond the limit, as a share of it, for objects that are not confirmed yet. With none, a thing that comes into a full picture would have to count more by
 * its first detection alone than the least of many stones by all of theirs.
 */
const TRIAL_SHARE = 0.2;
/** An object gives its place up at once only to a detection that counts this much more. */
const DISPLACE_MARGIN = 0.05;
/** Missed detection frames from which a lost object counts as long lost; of those only so many for each that may be followed are kept. */
const LONG_LOST = { misses: 6, share: 0.25 } as const;

/** The places of `maxObjects` on one frame, and who has them. Lost objects take none. Motion is that of importance.ts. */
export class Places {
  /** Below 0 when there are too many. */
  readonly free: number;
  /** Beyond the limit, for objects that are not confirmed yet. */
  readonly onTrial: number;

  constructor(
    private readonly options: TrackingOptions,
    private readonly followed: readonly Track[],
    private readonly current: PendingFrame,
  ) {
    this.free = options.maxObjects - followed.length;
    this.onTrial = Math.ceil(options.maxObjects * TRIAL_SHARE) + Math.min(0, this.free);
  }

  /** Whether a detection is another extent of a followed object: no reason to end one. */
  isOtherExtent({ rle }: DetectionCandidate): boolean {
    return this.followed.some(({ id }) => rleIou(this.current.masks.get(id)!.rle, rle) >= this.options.newObjectIou);
  }

  /** The object that counts least, if much less than a detection that moves so much. */
  weakerThan({ quality, area }: DetectionCandidate, motion: number): Track | null {
    let weakest: Track | null = null;
    let least = importance(quality, area, motion) - DISPLACE_MARGIN;
    for (const track of this.followed) {
      if (isPinned(track) || track.bornAt === this.current.frame.position) continue;
      const counts = importanceOf(track);
      if (counts < least) [weakest, least] = [track, counts];
    }
    return weakest;
  }

  /** Whether a detection that moves so much would count more than a confirmed object once it is confirmed itself. */
  mayBeTried({ quality, area }: DetectionCandidate, motion: number): boolean {
    const counts = importanceConfirmed(quality, area, motion, this.options.confirmDetections);
    return this.followed.some((track) => track.confirmed && !isPinned(track) && importanceOf(track) < counts);
  }
}

/** Of the followed objects, those for which there is no place: of the confirmed ones, the ones that count least. Given ones have theirs. */
export function withoutPlace(followed: readonly Track[], maxObjects: number): Track[] {
  const given = followed.filter(isPinned).length;
  return followed.filter((track) => track.confirmed && !isPinned(track)).sort(byImportance).slice(Math.max(0, maxObjects - given));
}

/** Lost objects take no room, but time: of those that are long lost only the ones that count most are kept. Gives the others. */
export function longLostBeyond(lost: readonly Track[], maxObjects: number): Track[] {
  const longLost = lost.filter((track) => track.missed > LONG_LOST.misses && !isPinned(track));
  return longLost.sort(byImportance).slice(Math.ceil(maxObjects * LONG_LOST.share));
}

function byImportance(a: Track, b: Track): number {
  return importanceOf(b) - importanceOf(a) || a.id - b.id;
}
