// Which objects are on which frame: node dist/examples/objects-per-frame.js film-vamg
import { maskOf, openResult } from 'video-amg/results';
import { rleArea } from 'video-amg/masks';

async function main(folder: string): Promise<void> {
  const { summary, frames } = await openResult(folder);
  console.log(`${summary.video.name}: ${summary.objects.length} objects`);
  for await (const { frame, time, objects } of frames()) {
    const list = objects.map((object) => `${object.id} (${rleArea(maskOf(object))} px)`);
    console.log(`frame ${frame} at ${time.toFixed(2)} s: ${list.join(', ') || 'nothing'}`);
  }
}

void main(process.argv[2] ?? 'film-vamg');
