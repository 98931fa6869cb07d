import type { DetectionLine, Plan } from '../../contracts/artefacts';
import type { VideoNetwork } from '../../contracts/video-network';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { SegmentOptions } from '../../contracts/segment-options';
import type { StitchReport } from '../../contracts/stitch-report';
import { planVideo } from '../../core/pipeline/plan-video';
import { stitchReport } from '../../core/pipeline/stitch-report';
import { detectionPositions } from '../../core/planning/detection-positions';
import type { Clip, ClipScan } from './clip';
import { detectClip } from './detect-clip';
import type { StudySegmenter } from './embedding-cache';
import { MemoryTracks } from './memory-tracks';
import { trackClip } from './run-clip';
import { stitchChunks } from './stitch-chunks';

export interface ChunksRun {
  readonly clip: Clip;
  readonly scan: ClipScan;
  /** Number of frames, from the first on. */
  readonly frames: number;
  readonly segmenter: StudySegmenter;
  readonly memory: VideoNetwork | undefined;
  readonly options: SegmentOptions;
  /** Folder for detections. */
  readonly cache: string;
}

export interface ChunksResult {
  readonly plan: Plan;
  /** What masks.jsonl would hold. */
  readonly lines: readonly MaskLine[];
  /** Of the mask generator, by position, of all chunks. */
  readonly detections: ReadonlyMap<number, DetectionLine>;
  readonly stitch: StitchReport;
  readonly costs: RunCosts;
}

export interface RunCosts {
  /** Of tracking, per frame of the clip; frames that two chunks track count twice, embeddings from the cache almost nothing. */
  readonly secondsPerFrame: number;
  /** Per frame on which the mask generator ran; null where all detections were in the cache. */
  readonly secondsPerDetection: number | null;
  /** Prompts to SAM per frame of the clip, while tracking. */
  readonly promptsPerFrame: number;
  /** Masks per frame of the result. */
  readonly objectsPerFrame: number;
}

/**
 * A clip as the product processes it, in this process: planned, each chunk detected and tracked as a run of its own, stitched.
 * @throws RangeError when the overlap does not fit into a chunk
 */
export async function runInChunks({ clip, scan, frames, segmenter, memory, options, cache }: ChunksRun): Promise<ChunksResult> {
  const { planning, tracking } = options;
  const timeline = { ...scan.timeline, pts: scan.timeline.pts.slice(0, frames) };
  const plan = planVideo(timeline, scan.sceneCuts, options);
  const { sceneCuts } = plan;
  const all = new Map<number, DetectionLine>();
  const tracks: MemoryTracks[] = [];
  const sums = { tracking: 0, detecting: 0, computed: 0, prompts: 0 };
  let handOver: Uint8Array | undefined;
  for (const { index, startFrame, endFrame, continuesPrevious } of plan.chunks) {
    const positions = detectionPositions({ startFrame, endFrame, continuesPrevious, detectEvery: tracking.detectEvery, sceneCuts, everyPosition: tracking.tracker === 'iou' });
    const detections = await detectClip(clip, positions, segmenter, options, cache);
    const promptsBefore = segmenter.promptCount();
    const chain = { isContinued: plan.chunks[index + 1]?.continuesPrevious ?? false, ...(continuesPrevious && handOver ? { continues: handOver } : {}) };
    const tracked = await trackClip({ clip, first: startFrame, frames: endFrame - startFrame, segmenter, options: tracking, detections: detections.lines, sceneCuts, ...chain, ...(memory ? { memory } : {}) });
    handOver = tracked.handOver;
    tracks.push(new MemoryTracks(tracked));
    for (const [position, line] of detections.lines) all.set(position, line);
    sums.tracking += tracked.seconds;
    sums.detecting += detections.seconds;
    sums.computed += detections.computed;
    sums.prompts += segmenter.promptCount() - promptsBefore;
  }
  const { identities, lines } = await stitchChunks({ plan, tracks, planning, timeline, size: clip.size });
  return {
    plan,
    lines,
    detections: all,
    stitch: stitchReport(plan, planning, identities),
    costs: {
      secondsPerFrame: sums.tracking / plan.positions,
      secondsPerDetection: sums.computed === 0 ? null : sums.detecting / sums.computed,
      promptsPerFrame: sums.prompts / plan.positions,
      objectsPerFrame: lines.reduce((sum, { objects }) => sum + objects.length, 0) / plan.positions,
    },
  };
}
