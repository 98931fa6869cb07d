/**
 * The promptable segmenter that the mask generator (core/amg) and the trackers (core/tracking) work against. models/sam
 * implements it over onnxruntime-node; tests implement it with drawn shapes. Types only.
 */

/** Interleaved 8-bit RGB, row-major: data[(y*width+x)*3+c]. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A square of features over the padded picture: [1, channels, gridSize, gridSize] float32. */
export interface FeatureSquare {
  readonly data: Float32Array;
  readonly channels: number;
  readonly gridSize: number;
}

/**
 * Encoder output for one picture. The picture was resized so that its longest side is `inputSize`, and padded with zeros at
 * the right and bottom to a square.
 */
export interface ImageEmbedding {
  /** [1, channels, gridSize, gridSize] float32. */
  readonly data: Float32Array;
  readonly channels: number;
  /** inputSize / 16. */
  readonly gridSize: number;
  readonly inputSize: number;
  /** Size of the original picture, in its pixels. */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Size of the resized picture inside the square, in input pixels. */
  readonly validWidth: number;
  readonly validHeight: number;
  /** Features of early stages of the encoder, gridSize = inputSize / 4 and inputSize / 8; absent when the bundle's encoder does not give them. */
  readonly stride4?: FeatureSquare;
  readonly stride8?: FeatureSquare;
}

/**
 * A batch of prompts, all with the same number of points. A box is two points with labels 2 (top left) and 3 (bottom right).
 */
export interface PromptBatch {
  readonly count: number;
  readonly pointsPerPrompt: number;
  /** [count, pointsPerPrompt, 2] x,y in pixels of the ORIGINAL picture. */
  readonly pointCoords: Float32Array;
  /** [count, pointsPerPrompt]: 1 object, 0 background, 2/3 box corners, -1 unused. */
  readonly pointLabels: Float32Array;
  /** [count, maskSize, maskSize] low-resolution logits of a previous mask; absent for none. */
  readonly maskInput?: Float32Array;
  /** Masks are wanted only on the picture and the one mask pixel that follows it to the right and below, which resizing reads. What is further out need not be computed, and is then OUTSIDE_LOGIT. */
  readonly pictureOnly?: boolean;
}

/** Mask logit of places that were not looked at. */
export const OUTSIDE_LOGIT = -1e4;

/** Decoder output. Mask logits cover the padded square; only the top-left validWidth/validHeight share of it is picture. */
export interface DecodedMasks {
  readonly count: number;
  /** 4 (single + three multimask outputs) or 3 (multimask only). */
  readonly masksPerPrompt: number;
  /** inputSize / 4. */
  readonly maskSize: number;
  /** [count, masksPerPrompt, maskSize, maskSize]. */
  readonly logits: Float32Array;
  /** [count, masksPerPrompt] the model's own estimate of each mask's IoU. */
  readonly predictedIous: Float32Array;
  /** To be called by whoever has read the logits, when nobody looks at them any more: the next answer may take their place. May be left uncalled; who keeps an answer for others leaves it out of what they get. */
  readonly release?: () => void;
}

export interface PromptableSegmenter {
  readonly inputSize: number;
  /** This picture is soon going to be encoded: what can be done beside other work before, is. Changes no result. */
  prepare?(image: RgbImage): void;
  /** Run the image encoder. Rejects with VamgError InferenceFailed, or AbortError when the signal fires before the run. */
  encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding>;
  /** All four masks of each prompt (index 0 is the single-mask output). */
  decode(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks>;
  /** Only the three multimask outputs, point prompts without mask input: the faster path of the mask generator. */
  decodePoints(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks>;
  /** Milliseconds spent inside the networks so far, for the overhead figure. */
  inferenceMs(): number;
  dispose(): Promise<void>;
}
