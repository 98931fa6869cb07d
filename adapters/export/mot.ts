import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeLines } from './json-file';
import type { ExportFormat, ExportSource } from './types';

/** MOT Challenge: boxes. As a tracker's result, and as ground truth in the layout that TrackEval and Datumaro read. */
export const mot: ExportFormat = {
  name: 'mot',
  title: 'MOT Challenge',
  files: '<video>.txt (result, 10 columns), <video>/gt/gt.txt (ground truth, 9 columns), <video>/gt/labels.txt, <video>/seqinfo.ini',
  keeps: 'the box of every mask (pixels from 0, left top width height) and its ID; the score in <video>.txt',
  loses: 'the masks: boxes only; frame numbers (frames count from 1 without gaps; frames.csv has them)',
  load: "frame, id, left, top, width, height, score = numpy.loadtxt(f'{root}/video.txt', delimiter=',', ndmin=2)[:, :7].T",
  write: async (source, folder) => {
    const truth = path.join(folder, source.sequence, 'gt');
    await mkdir(truth, { recursive: true });
    await writeFile(path.join(truth, 'labels.txt'), 'object\n');
    await writeFile(path.join(folder, source.sequence, 'seqinfo.ini'), sequenceInfo(source));
    await writeLines(path.join(folder, `${source.sequence}.txt`), async (result) => {
      await writeLines(path.join(truth, 'gt.txt'), async (line) => {
        for await (const { position, masks } of source.read()) {
          for (const { id, bbox, score } of masks) {
            const place = [position + 1, id, ...bbox].join(',');
            await result(`${place},${score},-1,-1,-1`);
            await line(`${place},1,1,1`);
          }
        }
      });
    });
    return [];
  },
};

/** The frame rate is a whole number there. */
function sequenceInfo({ sequence, frameRate, frames, width, height }: ExportSource): string {
  const rate = Math.max(1, Math.round(frameRate));
  return `[Sequence]\nname=${sequence}\nimDir=img1\nframeRate=${rate}\nseqLength=${frames}\nimWidth=${width}\nimHeight=${height}\nimExt=.jpg\n`;
}
