// A tracker of one's own, run over frames: node dist/examples/own-tracker.js
import { encodeRle, isEmptyRle, rleCentroid, rleHasPixel, type Rle } from 'video-amg/masks';
import { followObjects, type ObjectMask, type RgbImage, type TrackedMask, type Tracker, type TrackFrame } from 'video-amg/tracking';

type Colour = [number, number, number];

/** Follows each object by its mean colour: all pixels near it are the object. Good for coloured shapes on a plain ground. */
class ColourTracker implements Tracker {
  private readonly colours = new Map<number, Colour>();
  private frame: TrackFrame | undefined;

  async start(frame: TrackFrame): Promise<void> {
    this.colours.clear();
    this.frame = frame;
  }

  async addObjects(objects: readonly ObjectMask[]): Promise<void> {
    if (this.frame === undefined) throw new RangeError('start comes first');
    for (const { objectId, rle } of objects) {
      if (isEmptyRle(rle)) throw new RangeError(`object ${objectId} has an empty mask`);
      this.colours.set(objectId, meanColour(this.frame.image, rle));
    }
  }

  removeObjects(ids: readonly number[]): void {
    for (const id of ids) this.colours.delete(id);
  }

  async step(frame: TrackFrame): Promise<TrackedMask[]> {
    this.frame = frame;
    return [...this.colours].sort(([a], [b]) => a - b).map(([objectId, colour]) => {
      const rle = pixelsNear(frame.image, colour);
      const present = !isEmptyRle(rle);
      return { objectId, rle, score: present ? 1 : 0, present };
    });
  }

  snapshot(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify([...this.colours]));
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    await this.start(frame);
    for (const [id, colour] of JSON.parse(new TextDecoder().decode(snapshot)) as [number, Colour][]) this.colours.set(id, colour);
  }

  async dispose(): Promise<void> {
    this.colours.clear();
  }
}

function meanColour({ width, height, data }: RgbImage, rle: Rle): Colour {
  const sum: Colour = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!rleHasPixel(rle, x, y)) continue;
      count++;
      for (const c of [0, 1, 2] as const) sum[c] += data[(y * width + x) * 3 + c] ?? 0;
    }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

function pixelsNear({ width, height, data }: RgbImage, colour: Colour): Rle {
  const isNear = (i: number): boolean => colour.every((value, c) => Math.abs((data[i * 3 + c] ?? 0) - value) < 24);
  return encodeRle({ width, height, data: Uint8Array.from({ length: width * height }, (_, i) => Number(isNear(i))) });
}

const [width, height] = [80, 40];

/** A red square that moves right by two pixels a frame, on grey. */
function draw(position: number): TrackFrame {
  const data = new Uint8Array(width * height * 3).fill(90);
  for (let y = 10; y < 20; y++) for (let x = 4 + 2 * position; x < 14 + 2 * position; x++) data.set([220, 30, 30], (y * width + x) * 3);
  return { position, image: { width, height, data }, embedding: () => Promise.reject(new Error('this tracker needs no network')) };
}

async function main(): Promise<void> {
  const frames = Array.from({ length: 10 }, (_, position) => draw(position));
  const given: ObjectMask = { objectId: 1, rle: encodeRle({ width, height, data: Uint8Array.from({ length: width * height }, (_, i) => Number(i % width >= 4 && i % width < 14 && i >= 10 * width && i < 20 * width)) }), score: 1 };
  const session = new ColourTracker();
  for await (const { position, masks } of followObjects(session, frames, [given]))
    for (const { objectId, rle, present } of masks) console.log(`frame ${position}: object ${objectId} ${present ? `at ${rleCentroid(rle)?.x.toFixed(1)}` : 'gone'}`);
  await session.dispose();
}

void main();
