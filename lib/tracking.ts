/**
 * `video-amg/tracking`: follow given masks from frame to frame, with the trackers of video-amg or one of your own: whatever has the
 * methods of `Tracker`.
 */
export { followObjects, type FollowedFrame, type Tracker } from './parts/follow-objects';
export { openTracker, type OpenTracker, type TrackerOptions } from './parts/open-tracker';
export { createTrackerSession, type TrackerTools } from '../core/tracking/create-session';
export { createTrackFrame } from '../core/tracking/feature-cache';
export type { ObjectMask, TrackedMask, TrackerName, TrackerSession, TrackFrame } from '../core/tracking/types';
export { computeFlow } from '../core/flow/dense-flow';
export type { FlowField } from '../core/flow/flow-field';
export { toGrayImage, type GrayImage } from '../core/flow/gray-image';
export { warpRle } from '../core/flow/warp-rle';
export type { ImageEmbedding, PromptableSegmenter, RgbImage } from '../contracts/segmenter';
