/** A padded picture, planar RGB 0..1: [3, height, width], both multiples of 16. */
export interface PaddedPicture {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** A picture by which remembered tokens are found. Cells are its 16 x 16 blocks, row-major: [rows, columns]. */
export interface TokenFrame {
  readonly picture: PaddedPicture;
  readonly rows: number;
  readonly columns: number;
  /** [cells, key_dim], [cells] and [cells, key_dim]. */
  readonly key: Float32Array;
  readonly shrinkage: Float32Array;
  readonly selection: Float32Array;
}

/** What some queries read: for each the `k` likest remembered tokens. */
export interface TokenAffinity {
  readonly k: number;
  /** [queries, k], the sum of each row is 1. */
  readonly weights: Float32Array;
  /** [queries, k] numbers of tokens. */
  readonly indices: Float32Array;
}

/** What the networks of XMem and Cutie have in common. */
export interface TokenNetwork<Frame extends TokenFrame = TokenFrame> {
  encodeFrame(picture: PaddedPicture, signal?: AbortSignal): Promise<Frame>;
  /** `tokens` remembered keys [tokens, key_dim] with their shrinkage [tokens], asked for every cell of the frame. */
  affinity(frame: TokenFrame, tokens: number, keys: Float32Array, shrinkage: Float32Array, signal?: AbortSignal): Promise<TokenAffinity>;
  /** Milliseconds spent inside the networks so far, for the overhead figure. */
  inferenceMs(): number;
  dispose(): Promise<void>;
}
