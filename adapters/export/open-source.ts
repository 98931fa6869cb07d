import path from 'node:path';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { FRAMES_TABLE, readFramesTable, writeFramesTable } from './frames-table';
import { sequenceName } from './names';
import { surveyMasks, toExportFrames, type Survey } from './survey';
import type { ExportSource } from './types';

export interface ResultToExport {
  readonly videoName: string;
  readonly width: number;
  readonly height: number;
  readonly durationSeconds: number;
  /** Frames of the video per second. */
  readonly frameRate: number;
  readonly frameStep: number;
  /** The user's names of objects, by ID. */
  readonly labels: ReadonlyMap<number, string>;
  /** The lines of masks.jsonl, from the first, as often as it is called. */
  readonly lines: () => AsyncIterable<MaskLine>;
  /** Folder for scratch files. */
  readonly scratch: string;
}

/** Read a result once, check it, and make it ready for the writers. @throws VamgError CorruptArtifact as surveyMasks */
export async function openExportSource({ lines, labels, scratch, frameRate, ...video }: ResultToExport): Promise<ExportSource> {
  const framesTable = path.join(scratch, FRAMES_TABLE);
  let survey: Survey | undefined;
  await writeFramesTable(framesTable, async (add) => {
    survey = await surveyMasks(lines(), { ...video, labels, onFrame: add });
  });
  return {
    ...video,
    ...survey!,
    sequence: sequenceName(video.videoName),
    frameRate: frameRate / video.frameStep,
    framesTable,
    read: () => toExportFrames(lines()),
    readTimes: () => readFramesTable(framesTable),
  };
}
