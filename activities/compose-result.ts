import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectRef } from '../contracts/object-ref';
import { VamgError } from '../contracts/errors';
import { renderArtefactSchema } from '../contracts/pipeline-artefacts';
import { stitchReportSchema } from '../contracts/stitch-report';
import { stitchReport } from '../core/pipeline/stitch-report';
import { readGzipLines } from '../adapters/store/json-lines';
import type { MediaDependencies } from './dependencies';
import type { Heartbeat } from './heartbeat';
import { loadProbe, type JobContext } from './job-context';
import { identityMapSchema } from './stitch-artefacts';

export interface ComposedResult {
  /** File name in the result folder -> stored bytes. */
  readonly files: Readonly<Record<string, ObjectRef>>;
  readonly objects: number;
  readonly frames: number;
}

/** Join the parts of all chunks into the files of the result folder and store them. One part is in memory at a time. */
export async function composeResult(deps: MediaDependencies, context: JobContext, folder: string, beat: Heartbeat): Promise<ComposedResult> {
  const { artefacts, media } = deps;
  const { jobRef, job, plan, keys, given } = context;
  const { info } = await loadProbe(artefacts, job);
  const identities = await artefacts.readInput(await artefacts.need('resolve', keys.resolve()), identityMapSchema);
  const masksPath = path.join(folder, 'masks.jsonl');
  const frames = await joinMasks(deps, context, folder, masksPath, beat);
  const stitchReportPath = path.join(folder, 'stitch-report.json');
  const report = stitchReportSchema.parse(stitchReport(plan, job.options.planning, identities));
  await writeFile(stitchReportPath, `${JSON.stringify(report, null, 1)}\n`);
  const resultPath = path.join(folder, 'result.json');
  const inferenceMs = await sumInferenceMs(deps, context);
  const summary = await media.summarise({ job, jobRef, info, plan, identities, labels: given.labels, masksPath, inferenceMs });
  await writeFile(resultPath, `${JSON.stringify(summary, null, 2)}\n`);
  const paths: Record<string, string> = { 'masks.jsonl': masksPath, 'stitch-report.json': stitchReportPath, 'result.json': resultPath };
  const films = job.options.output.overlay || job.options.output.viewer ? await joinFilms(deps, context, folder, beat) : null;
  if (films?.overlay !== undefined) paths['overlay.mp4'] = films.overlay;
  if (films?.preview !== undefined) paths['viewer/preview.mp4'] = films.preview;
  if (job.options.output.viewer) {
    beat.report({});
    const made = await media.writeViewer({ masksPath, resultPath, stitchReportPath, folder, signal: beat.signal });
    for (const name of made) paths[name] = path.join(folder, name);
  }
  const files: Record<string, ObjectRef> = {};
  for (const [name, file] of Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))) {
    beat.report({});
    files[name] = await artefacts.putDataFile(file);
  }
  return { files, objects: identities.objects.length, frames };
}

async function joinMasks({ artefacts }: MediaDependencies, { plan, keys }: JobContext, folder: string, target: string, beat: Heartbeat): Promise<number> {
  const output = await open(target, 'w');
  let frames = 0;
  try {
    for (const chunk of plan.chunks) {
      beat.signal.throwIfAborted();
      const part = path.join(folder, 'part.gz');
      await artefacts.downloadInput(await artefacts.need('relabel', keys.relabel(chunk.index)), part);
      let text = '';
      for await (const line of readGzipLines(part)) {
        text += `${line}\n`;
        frames++;
        if (text.length > 1 << 20) {
          await output.write(text);
          text = '';
        }
      }
      await output.write(text);
      beat.report({ done: chunk.index + 1 });
    }
  } finally {
    await output.close();
  }
  if (frames !== plan.positions) throw new VamgError('Internal', `The parts hold ${frames} frames, the plan has ${plan.positions}.`);
  return frames;
}

async function joinFilms({ artefacts, media, sources }: MediaDependencies, { job, plan, keys }: JobContext, folder: string, beat: Heartbeat): Promise<{ overlay?: string; preview?: string }> {
  const parts: Record<'overlay' | 'preview', string[]> = { overlay: [], preview: [] };
  for (const chunk of plan.chunks) {
    const manifest = await artefacts.need('render', keys.render(chunk.index));
    const rendered = await artefacts.readInput(manifest, renderArtefactSchema);
    for (const kind of ['overlay', 'preview'] as const) {
      const ref = rendered[kind];
      if (ref === null) continue;
      const file = path.join(folder, `${kind}-${chunk.index}.mp4`);
      await artefacts.downloadInput({ ...manifest, ref }, file);
      parts[kind].push(file);
    }
    beat.report({});
  }
  const { info } = await loadProbe(artefacts, job);
  const videoPath = await sources.resolve(job.videoId);
  const joined: { overlay?: string; preview?: string } = {};
  for (const kind of ['overlay', 'preview'] as const) {
    if (parts[kind].length === 0) continue;
    const outputPath = path.join(folder, `${kind}.mp4`);
    await media.joinVideos({ videoPath, info, plan, parts: parts[kind], sound: kind === 'overlay', outputPath, signal: beat.signal, onProgress: () => beat.report({}) });
    joined[kind] = outputPath;
  }
  return joined;
}

async function sumInferenceMs({ artefacts }: MediaDependencies, { plan, keys }: JobContext): Promise<number> {
  let total = 0;
  for (const { index } of plan.chunks)
    for (const manifest of [await artefacts.find('detect', keys.detect(index)), await artefacts.find('track', keys.track(index))]) total += Number(manifest?.summary['inferenceMs'] ?? 0);
  return total;
}
