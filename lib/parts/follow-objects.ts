import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from '../../core/tracking/types';

/** What a tracker must be able to do; the trackers of video-amg have a `name` besides. */
export type Tracker = Omit<TrackerSession, 'name'>;

/** Where the followed objects are on one frame, by ascending ID; `present` is false where one is not seen. */
export interface FollowedFrame {
  readonly position: number;
  readonly masks: readonly TrackedMask[];
}

/**
 * Runs a tracker over frames in a row: the objects are given on the first, and each frame's masks come out before the next frame is
 * taken. The session stays open: end it with `dispose`. @throws the tracker's errors
 */
export async function* followObjects(session: Tracker, frames: AsyncIterable<TrackFrame> | Iterable<TrackFrame>, objects: readonly ObjectMask[]): AsyncGenerator<FollowedFrame, void, undefined> {
  let isFirst = true;
  for await (const frame of frames) {
    if (!isFirst) {
      yield { position: frame.position, masks: await session.step(frame) };
      continue;
    }
    isFirst = false;
    await session.start(frame);
    await session.addObjects(objects);
    yield { position: frame.position, masks: [...objects].sort((a, b) => a.objectId - b.objectId).map((object) => ({ ...object, present: true })) };
  }
}
