// Start a job on a Temporal server for which workers run, follow it, fetch its result. The server is that of TEMPORAL_ADDRESS:
// node dist/examples/follow-job.js film.mp4 s3://masks/prod film-vamg
import { connectJobs } from 'video-amg/jobs';
import { openResult } from 'video-amg/results';

async function main(video: string, store: string, out: string): Promise<void> {
  const jobs = await connectJobs({ store });
  try {
    const { id, outcome } = await jobs.start({
      video,
      options: { preset: 'draft', amg: { pointsPerSide: 4 }, output: { overlay: false, viewer: false } },
      onNote: (text) => console.error(text),
    });
    console.log(`job ${id}: ${outcome}`);
    for await (const { status, fraction, workflow } of jobs.follow(id)) console.log(`${status}, ${workflow?.phase ?? 'waiting for a worker'}, ${Math.round(fraction * 100)} %`);
    await jobs.writeResult(id, out);
    const { summary } = await openResult(out);
    console.log(`${summary.objects.length} objects on ${summary.counts.processedFrames ?? 0} frames, in ${out}`);
  } finally {
    await jobs.close();
  }
}

main(process.argv[2] ?? 'film.mp4', process.argv[3] ?? '.vamg/store', process.argv[4] ?? 'film-vamg').catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
