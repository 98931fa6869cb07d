import { join } from 'node:path';
import { Sam2Golden, type GoldenRun } from '../../../bench/study/sam2-golden';
import type { RgbImage } from '../../../contracts/segmenter';

export { largestDifference } from '../../../bench/study/sam2-compare';

const GOLDEN = join(__dirname, '../../golden');
/** Frames of the drawn clip, which all golden files are of. */
const FRAMES = join(GOLDEN, 'sam2');

/** The golden files of the tiny networks. */
export class Golden extends Sam2Golden {
  constructor(family: 'sam2' | 'edgetam') {
    super(join(GOLDEN, family), FRAMES);
  }

  override get runs(): Readonly<Record<'forward' | 'backward' | 'other rules', GoldenRun>> & { readonly 'version 2.0'?: GoldenRun } {
    return super.runs as Golden['runs'];
  }
}

const clip = new Sam2Golden(FRAMES, FRAMES);

export function goldenImage(position: number): Promise<RgbImage> {
  return clip.image(position);
}
