// SAM's automatic mask generator on one picture: node dist/examples/masks-of-picture.js photo.jpg
import { segmentImage, toSamRecord } from 'video-amg/amg';

async function main(picture: string): Promise<void> {
  const records = await segmentImage(picture, {
    preset: 'draft',
    amg: { pointsPerSide: 8 },
    onLog: (line) => console.error(line),
    onProgress: ({ pointsDone, pointsTotal }) => console.error(`${pointsDone} of ${pointsTotal} points`),
  });
  for (const { area, bboxXywh, predictedIou } of records) console.log(`${area} px, box ${bboxXywh.join(' ')}, quality ${predictedIou.toFixed(3)}`);
  console.log(`${records.length} masks`);
  const largest = [...records].sort((a, b) => b.area - a.area)[0];
  // The record as Python's SamAutomaticMaskGenerator gives it, masks as COCO run lengths.
  if (largest !== undefined) console.log(JSON.stringify(toSamRecord(largest, 'coco_rle')));
}

void main(process.argv[2] ?? 'photo.jpg');
