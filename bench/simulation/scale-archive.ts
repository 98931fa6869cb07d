import { rmSync } from 'node:fs';
import path from 'node:path';
import type { ArchiveReport } from '../../contracts/archive';
import { head, row } from '../study/markdown';
import { historyFigures, type HistoryFigures } from './history';
import { metered, type Usage } from './meter';
import { Rig, writeCopies, writeTinyFilm, type CommandResult } from './rig';
import type { ScaleTools } from './scale-tools';

export interface ArchiveFigures {
  readonly videos: number;
  readonly wallSeconds: number;
  readonly databaseBytes: number;
  /** Of the archive's own workflow. */
  readonly parent: HistoryFigures;
  /** Of the workflow of one video. */
  readonly child: HistoryFigures;
  readonly usage: Readonly<Record<string, Usage>>;
  /** The same archive once more, with nothing to do. */
  readonly again: { readonly wallSeconds: number; readonly parent: HistoryFigures };
}

/** Videos at one time, and frames of each. */
const PARALLEL = 8;
const FRAMES = 4;

/** An archive of each size, each on a server, a store and workers of its own. */
export async function measureArchives(tools: ScaleTools, sizes: readonly number[]): Promise<ArchiveFigures[]> {
  const all: ArchiveFigures[] = [];
  for (const videos of sizes) all.push(await measureArchive(tools, videos));
  return all;
}

async function measureArchive({ folder, temporal, ffmpeg, note }: ScaleTools, videos: number): Promise<ArchiveFigures> {
  const home = path.join(folder, `archive-${videos}`);
  const rig = await Rig.start(home, temporal);
  try {
    writeTinyFilm(ffmpeg, rig.path('film.mp4'), { seconds: FRAMES, fps: 1 });
    writeCopies(rig.path('film.mp4'), rig.path('films'), videos);
    await rig.startWorker('control,media', PARALLEL);
    await rig.startWorker('inference', 2, { readFrames: false });
    const before = rig.databaseBytes();
    const run = async (id: string): Promise<CommandResult> => {
      const done = await rig.vamgOrThrow(['archive', 'films', '--dest', 'out', '--id', id, '--parallel', String(PARALLEL), '--no-overlay', '--no-viewer', '--json']);
      const { counts } = (JSON.parse(done.stdout) as { report: ArchiveReport }).report;
      if (counts.done + counts.skipped !== videos) throw new Error(`Of ${videos} videos not all are done: ${JSON.stringify(counts)}`);
      return done;
    };
    const { result, usage } = await metered(rig, () => run('first'));
    note(`${videos} videos in ${result.wallSeconds.toFixed(0)} s`);
    const databaseBytes = rig.databaseBytes() - before;
    const second = await run('second');
    const client = await rig.client();
    const [parent, again] = [await historyFigures(client, 'archive-first'), await historyFigures(client, 'archive-second')];
    let child = '';
    for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'segmentVideo'`, pageSize: 1 })) {
      child = workflowId;
      break;
    }
    const figures = { videos, wallSeconds: result.wallSeconds, databaseBytes, parent, child: await historyFigures(client, child), usage, again: { wallSeconds: second.wallSeconds, parent: again } };
    await client.connection.close();
    return figures;
  } finally {
    await rig.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Tables with a column for each size. */
export function archiveTables(all: readonly ArchiveFigures[]): string[] {
  const per = (value: (one: ArchiveFigures) => number, digits: number): string[] => all.map((one) => (value(one) / one.videos).toFixed(digits));
  const kinds = [...new Set(all.flatMap(({ usage }) => Object.keys(usage)))].sort();
  return [
    ...head(['', ...all.map(({ videos }) => `${videos} videos`)]),
    row('runs (continue-as-new) of the archive', ...all.map(({ parent }) => parent.runs)),
    row('its events per video', ...per(({ parent }) => parent.events, 1)),
    row('its history bytes per video', ...per(({ parent }) => parent.bytes, 0)),
    row('events of its largest run (limit 51,200)', ...all.map(({ parent }) => parent.mostEvents)),
    row('MB of its largest run (limit 50)', ...all.map(({ parent }) => (parent.mostBytes / 1e6).toFixed(2))),
    row('largest payload, bytes (limit 65,536)', ...all.map(({ parent, child }) => Math.max(parent.largestPayload, child.largestPayload))),
    row("events, bytes of a video's workflow", ...all.map(({ child }) => `${child.events}, ${child.bytes}`)),
    row('database bytes per video', ...per(({ databaseBytes }) => databaseBytes, 0)),
    row('wall ms per video', ...per(({ wallSeconds }) => wallSeconds * 1000, 0)),
    ...kinds.map((kind) => row(`CPU ms per video, ${kind}`, ...per(({ usage }) => (usage[kind]?.cpuSeconds ?? 0) * 1000, 1))),
    ...kinds.map((kind) => row(`peak MB, ${kind}`, ...all.map(({ usage }) => ((usage[kind]?.peakBytes ?? 0) / 1e6).toFixed(0)))),
    row('second run, nothing to do: seconds', ...all.map(({ again }) => again.wallSeconds.toFixed(1))),
    row('second run: events, runs', ...all.map(({ again }) => `${again.parent.events}, ${again.parent.runs}`)),
  ];
}
