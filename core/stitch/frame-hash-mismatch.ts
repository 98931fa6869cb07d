/** Two chunks decoded one frame to different pixels: their masks cannot be compared, so stitching is refused. */
export class FrameHashMismatch extends Error {
  override readonly name = 'FrameHashMismatch';

  constructor(
    readonly frame: number,
    readonly leftChunk: number,
    readonly rightChunk: number,
  ) {
    super(
      `Chunks ${leftChunk} and ${rightChunk} decoded frame ${frame} to different pixels. ` +
        'Use the same ffmpeg on all machines and run these chunks again.',
    );
  }
}
