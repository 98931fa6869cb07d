import { z } from 'zod';
import { amgOptionsSchema } from './amg-options';
import { OVERLAY_PARTS, OVERLAY_STYLE_PATTERN } from './overlay-look';
import { PRESETS, PRESET_NAMES } from './presets';

/** How tracks are propagated, admitted, kept and ended. */
export const trackingOptionsSchema = z.strictObject({
  tracker: z.enum(['auto', 'iou', 'prompt', 'memory']).default('auto').describe('How masks are followed: memory looks every place up in remembered frames (needs a bundle with a memory network, as the built-in one, or one of SAM 2, EdgeTAM, XMem, Cutie or DeAOT), prompt feeds each mask back to SAM, iou matches detections frame by frame, auto is memory where there is a network for it, with the largest bundle that has been added, else prompt.'),
  sharpen: z.boolean().default(true).describe('Redraw the masks of the memory tracker with SAM where the two agree: finer borders for one decoder prompt per object and frame.'),
  rememberedFrames: z.int().min(4).max(10).default(10).describe('Most frames that the built-in memory network looks back at; fewer cost less per frame.'),
  onlyPrompted: z.boolean().default(false).describe('Follow only the objects of --prompts and --first-frame-mask: the mask generator does not run, nothing else is found.'),
  detectEvery: z.int().min(1).max(1000).default(8).describe('Frames between two runs of the mask generator; fewer finds new objects sooner and costs more.'),
  maxObjects: z.int().min(1).max(100_000).default(40).describe('Most objects followed at one time in a chunk; the largest and best are kept.'),
  minArea: z.int().min(0).default(200).describe('Objects smaller than this many pixels are not started.'),
  newObjectIou: z.number().min(0).max(1).default(0.5).describe('A detection that overlaps a track at least this much supports that track; one of another extent is an object of its own besides.'),
  confirmDetections: z.int().min(1).max(20).default(2).describe('A new object must be supported on this many detection frames before it counts (hot start); 1 admits all.'),
  maxMissedDetections: z.int().min(0).max(1000).default(40).describe('A lost object is kept, to be recognised when it comes back, over this many detection frames; of those that are lost for more than 6, the most important quarter of --max-objects.'),
});

/** How the video is cut in time and stitched. */
export const planningOptionsSchema = z.strictObject({
  start: z.number().min(0).default(0).describe('First second of the video to process.'),
  end: z.number().positive().nullable().default(null).describe('Second at which to stop; null is the end of the video.'),
  frameStep: z.int().min(1).max(1000).default(1).describe('Process every n-th frame.'),
  chunkFrames: z.int().min(8).max(100_000).default(240).describe('Frames per chunk (a unit of work for one machine); more means fewer seams and coarser parallelism.'),
  overlapFrames: z.int().min(1).max(1000).nullable().default(null).describe('Frames that neighbouring chains of chunks share, where they are stitched; null means max(16 frames, half a second).'),
  chainChunks: z.int().min(0).max(100_000).default(16).describe('Chunks in a row of which each goes on where the one before it stopped, so that they have the IDs of one pass; such a chain is tracked one chunk after the other, chains side by side. 1 tracks every chunk by itself, on as many machines as there are; 0 is no limit. A chain ends at a scene cut; with --prompts or --first-frame-mask only there.'),
  parallel: z.int().min(1).max(512).default(2).describe('Chunks in flight at one time.'),
  stitchIouThresh: z.number().min(0).max(1).default(0.5).describe('Overlap of two tracklets in the shared frames from which they are the same object.'),
  stitchLowIouThresh: z.number().min(0).max(1).default(0.2).describe('Overlap from which look-alikes may be the same object.'),
  stitchMargin: z.number().min(0).max(1).default(0.1).describe('A join whose runner-up is nearer than this is ambiguous: both keep their own ID.'),
  reidentify: z.boolean().default(false).describe('Give an object that comes back after a gap or a scene cut its former ID, by its looks. When off, such pairs are only listed in stitch-report.json, as suggestions.'),
  reidentifyThresh: z.number().min(0).max(1).default(0.75).describe('Likeness (looks, size, place) from which an object that ended and one that begins later are the same.'),
  reidentifyGap: z.int().min(0).max(1_000_000).default(1500).describe('Most processed frames between the two.'),
});

/** The planning options that only stitching reads: changing them needs no inference. */
export const STITCH_OPTION_KEYS = ['stitchIouThresh', 'stitchLowIouThresh', 'stitchMargin', 'reidentify', 'reidentifyThresh', 'reidentifyGap'] as const satisfies readonly (keyof z.output<typeof planningOptionsSchema>)[];

export const outputOptionsSchema = z.strictObject({
  overlay: z.boolean().default(true).describe('Write overlay.mp4, the film with the masks drawn over it.'),
  overlayStyle: z.string().regex(OVERLAY_STYLE_PATTERN).default('fill,contour,ids').meta({ allowed: `a comma list of ${OVERLAY_PARTS.join(', ')}`, description: 'What overlay.mp4 shows of every object: its colour over the mask, its outline, its ID, its box, the path of its centre. `vamg overlay` draws a finished result in another style.' }),
  overlayOpacity: z.number().min(0).max(1).default(0.42).describe('Strength of the colour over the mask in overlay.mp4.'),
  overlayTrail: z.int().min(2).max(1000).default(30).describe('Processed frames that the path of the style trails goes back.'),
  viewer: z.boolean().default(true).describe('Write index.html, the page to look at the result.'),
});

/** Everything that decides the result of one segmentation job, fully resolved (no optionals left). */
export const segmentOptionsSchema = z.strictObject({
  preset: z.enum(PRESET_NAMES).default('balanced').describe('draft (512 px), balanced (768 px) or quality (1024 px).'),
  model: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/).default('mobilesam').describe('Model bundle; `vamg models list` shows them.'),
  device: z.string().regex(/^[a-z][a-z0-9]{1,15}$/).default('auto').describe('Execution provider: cpu, cuda, … or auto (the best one that works, said in the log).'),
  inputSize: z.int().min(256).max(2048).default(768).describe("Longest side of the picture that the network sees; set by the preset."),
  amg: amgOptionsSchema.prefault({}),
  tracking: trackingOptionsSchema.prefault({}),
  planning: planningOptionsSchema.prefault({}),
  output: outputOptionsSchema.prefault({}),
});

export type TrackingOptions = z.output<typeof trackingOptionsSchema>;
export type PlanningOptions = z.output<typeof planningOptionsSchema>;
export type SegmentOptions = z.output<typeof segmentOptionsSchema>;
export type SegmentOptionsInput = z.input<typeof segmentOptionsSchema>;

/**
 * Fill what the user left out: user value, else preset value, else schema default.
 * @throws z.ZodError on unknown keys and values out of range.
 */
export function resolveSegmentOptions(input: SegmentOptionsInput = {}): SegmentOptions {
  const preset = PRESETS[segmentOptionsSchema.shape.preset.parse(input.preset)];
  return segmentOptionsSchema.parse({
    ...input,
    inputSize: input.inputSize ?? preset.inputSize,
    amg: { ...preset.amg, ...input.amg },
    tracking: { ...preset.tracking, ...input.tracking },
  });
}
