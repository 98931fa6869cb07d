/**
 * Presets: what each costs and gains is in docs/options.md. The input size is the longest side the network sees. Values here
 * override schema defaults and are overridden by anything the user says.
 */
export const PRESETS = {
  draft: {
    inputSize: 512,
    amg: { pointsPerSide: 12, predIouThresh: 0.82, stabilityScoreThresh: 0.86, fillPredIouThresh: 0.7, fillStabilityScoreThresh: 0.8 },
    tracking: { detectEvery: 12, rememberedFrames: 6 },
  },
  balanced: {
    inputSize: 768,
    amg: { pointsPerSide: 16, predIouThresh: 0.84, stabilityScoreThresh: 0.88, fillPredIouThresh: 0.7, fillStabilityScoreThresh: 0.8 },
    tracking: { detectEvery: 8, rememberedFrames: 10 },
  },
  quality: {
    inputSize: 1024,
    amg: { pointsPerSide: 32, predIouThresh: 0.86, stabilityScoreThresh: 0.92, fillPredIouThresh: 0.7, fillStabilityScoreThresh: 0.8 },
    tracking: { detectEvery: 6, rememberedFrames: 10 },
  },
} as const;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]];
