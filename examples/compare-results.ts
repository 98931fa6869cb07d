// How far two results of one video agree, the first taken as the truth: node dist/examples/compare-results.js draft-vamg quality-vamg
import { maskOf, openResult, type Result, type ResultFrame } from 'video-amg/results';
import type { Rle } from 'video-amg/masks';
import { BestTrackScorer, compareMasks, HotaAlignment, HotaScorer } from 'video-amg/metrics';

const masksOf = (frame: ResultFrame): Map<number, Rle> => new Map(frame.objects.map((object) => [object.id, maskOf(object)]));

/** Frames that both have, one pair at a time. */
async function* pairs(truth: Result, result: Result): AsyncGenerator<{ frame: number; truth: Map<number, Rle>; predictions: Map<number, Rle> }> {
  const others = result.frames();
  let other = await others.next();
  for await (const line of truth.frames()) {
    while (other.done !== true && other.value.frame < line.frame) other = await others.next();
    if (other.done === true) return;
    if (other.value.frame === line.frame) yield { frame: line.frame, truth: masksOf(line), predictions: masksOf(other.value) };
  }
}

async function main(truthFolder: string, resultFolder: string): Promise<void> {
  const [truth, result] = [await openResult(truthFolder), await openResult(resultFolder)];
  // HOTA is measured in two passes: first which object goes with which track over the whole video.
  const alignment = new HotaAlignment();
  const best = new BestTrackScorer();
  for await (const pair of pairs(truth, result)) {
    alignment.addFrame(compareMasks({ ...pair, ignored: null }));
    best.addFrame(pair.frame, pair.predictions, pair.truth);
  }
  const hota = new HotaScorer(alignment);
  for await (const pair of pairs(truth, result)) hota.addFrame(compareMasks({ ...pair, ignored: null }));

  for (const { truthId, bestTrack, bestTrackJ, idSwitches } of best.result()) console.log(`object ${truthId}: track ${bestTrack ?? 'none'}, J ${bestTrackJ.toFixed(3)}, ${idSwitches} ID switches`);
  const { hota: total, detA, assA } = hota.result();
  console.log(`HOTA ${total.toFixed(3)} (detection ${detA.toFixed(3)}, association ${assA.toFixed(3)})`);
}

void main(process.argv[2] ?? 'a-vamg', process.argv[3] ?? 'b-vamg');
