import { rmSync } from 'node:fs';
import path from 'node:path';
import { head, row } from '../study/markdown';
import { historyFigures, type HistoryFigures } from './history';
import { metered, type Usage } from './meter';
import { Rig, writeTinyFilm } from './rig';
import type { ScaleTools } from './scale-tools';

export interface VideoFigures {
  readonly hours: number;
  readonly frames: number;
  readonly chunks: number;
  readonly wallSeconds: number;
  readonly databaseBytes: number;
  readonly history: HistoryFigures;
  readonly usage: Readonly<Record<string, Usage>>;
  readonly films: boolean;
  /** The finished job once more, under another ID. */
  readonly again: { readonly wallSeconds: number; readonly events: number; readonly computed: number };
}

export interface VideoScale {
  readonly hours: readonly number[];
  readonly fps: number;
  readonly chunkFrames: number;
  readonly parallel: number;
  /** With overlay and viewer. */
  readonly films: boolean;
}

/** One film of each length, each on a server, a store and workers of its own. */
export async function measureVideos(tools: ScaleTools, scale: VideoScale): Promise<VideoFigures[]> {
  const all: VideoFigures[] = [];
  for (const hours of scale.hours) all.push(await measureVideo(tools, hours, scale));
  return all;
}

async function measureVideo({ folder, temporal, ffmpeg, note }: ScaleTools, hours: number, { fps, chunkFrames, parallel, films }: VideoScale): Promise<VideoFigures> {
  const home = path.join(folder, `video-${hours}${films ? '-films' : ''}`);
  const rig = await Rig.start(home, temporal);
  try {
    writeTinyFilm(ffmpeg, rig.path('film.mp4'), { seconds: hours * 3600, fps });
    await rig.startWorker('control,media', 4);
    await rig.startWorker('inference', parallel, { readFrames: films, checkpointFrames: chunkFrames });
    const before = rig.databaseBytes();
    note(`${hours} h: ${hours * 3600 * fps} frames`);
    const output = films ? [] : ['--no-overlay', '--no-viewer'];
    const args = ['segment', 'film.mp4', '--id', 'scale', '--out', 'out', '--chunk-frames', String(chunkFrames), '--parallel', String(parallel), ...output, '--json'];
    const { result, usage } = await metered(rig, () => rig.vamgOrThrow(args));
    const databaseBytes = rig.databaseBytes() - before;
    const again = await rig.vamgOrThrow(args.map((arg) => (arg === 'scale' ? 'again' : arg)));
    const client = await rig.client();
    const history = await historyFigures(client, 'segment-scale');
    const { calls, events } = await historyFigures(client, 'segment-again');
    const computed = ['detect', 'track'].reduce((sum, name) => sum + (calls[name] ? calls[name].called - calls[name].skipped : 0), 0);
    await client.connection.close();
    const chunks = history.calls['relabel']!.called;
    note(`${hours} h: ${chunks} chunks in ${result.wallSeconds.toFixed(0)} s, ${history.runs} runs`);
    return { hours, frames: hours * 3600 * fps, chunks, wallSeconds: result.wallSeconds, databaseBytes, history, usage, films, again: { wallSeconds: again.wallSeconds, events, computed } };
  } finally {
    await rig.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Tables with a column for each length. */
export function videoTables(all: readonly VideoFigures[]): string[] {
  const per = (value: (one: VideoFigures) => number, digits: number): string[] => all.map((one) => (value(one) / one.chunks).toFixed(digits));
  const kinds = [...new Set(all.flatMap(({ usage }) => Object.keys(usage)))].sort();
  return [
    ...head(['', ...all.map(({ hours, films }) => `${hours} h${films ? ', with overlay and page' : ''}`)]),
    row('frames', ...all.map(({ frames }) => frames)),
    row('chunks', ...all.map(({ chunks }) => chunks)),
    row('runs (continue-as-new)', ...all.map(({ history }) => history.runs)),
    row('events per chunk', ...per(({ history }) => history.events, 1)),
    row('history bytes per chunk', ...per(({ history }) => history.bytes, 0)),
    row('events of the largest run (limit 51,200)', ...all.map(({ history }) => history.mostEvents)),
    row('MB of the largest run (limit 50)', ...all.map(({ history }) => (history.mostBytes / 1e6).toFixed(2))),
    row('largest payload, bytes (limit 65,536)', ...all.map(({ history }) => history.largestPayload)),
    row('database bytes per chunk', ...per(({ databaseBytes }) => databaseBytes, 0)),
    row('wall ms per chunk', ...per(({ wallSeconds }) => wallSeconds * 1000, 0)),
    ...kinds.map((kind) => row(`CPU ms per chunk, ${kind}`, ...per(({ usage }) => (usage[kind]?.cpuSeconds ?? 0) * 1000, 1))),
    ...kinds.map((kind) => row(`peak MB, ${kind}`, ...all.map(({ usage }) => ((usage[kind]?.peakBytes ?? 0) / 1e6).toFixed(0)))),
    ...againRows(all),
  ];
}

/** Only what the finished job cost the second time. */
export function againTables(all: readonly VideoFigures[]): string[] {
  return [...head(['', ...all.map(({ hours, chunks }) => `${hours} h, ${chunks} chunks`)]), ...againRows(all)];
}

function againRows(all: readonly VideoFigures[]): string[] {
  return [
    row('started again: seconds', ...all.map(({ again }) => again.wallSeconds.toFixed(1))),
    row('started again: events', ...all.map(({ again }) => again.events)),
    row('started again: chunks detected or tracked', ...all.map(({ again }) => again.computed)),
  ];
}
