/** `video-amg/metrics`: how well masks and identities agree with the truth (docs/metrics.md says what each was checked with). Pure; frame by frame. */
export { regionSimilarity } from '../core/metrics/region-similarity';
export { contourAccuracy, contourTolerance } from '../core/metrics/contour-accuracy';
export { compareMasks, judgeFrame, type JudgedFrame, type TruthAndPredictions } from '../core/metrics/judged-frame';
export { HotaAlignment } from '../core/metrics/hota-alignment';
export { HotaScorer, type HotaScore, type HotaValues } from '../core/metrics/hota';
export { IdentityScorer, type IdentityScore } from '../core/metrics/identity';
export { ClearScorer, type ClearScore } from '../core/metrics/clear';
export { BestTrackScorer, type ObjectScore } from '../core/metrics/best-track';
export { SeamScorer, type Seam, type SeamScore } from '../core/metrics/seam-switches';
export { FlickerScorer, type FlickerSummary, type ObjectFlicker } from '../core/metrics/flicker';
export { countLabelPairs, type LabelledFrame } from '../core/metrics/label-pairs';
export { StqScorer, type StqScore } from '../core/metrics/segmentation-tracking-quality';
export { VpqScorer, type TubeQuality, type VpqScore } from '../core/metrics/video-panoptic-quality';
export { VideoConsistencyScorer, type VideoConsistency } from '../core/metrics/video-consistency';
export { labelMapToRles, rlesToLabelMap, type LabelMap } from '../core/metrics/label-map';
