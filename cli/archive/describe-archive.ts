import type { ArchiveProgress } from '../../contracts/archive-messages';
import { countWords } from '../../core/pipeline/archive-report';
import type { ArchiveRunProgress } from '../../workers/archive-client';
import { phaseWords } from '../progress/describe-progress';

/** "3 done, 1 failed; 2 at work" */
export function archiveLine({ counts, atWork, paused, phase }: ArchiveProgress): string {
  const now = paused ? 'paused' : phase === 'reporting' ? 'writing the report' : atWork.length > 0 ? `at work: ${atWork.slice(0, 4).join(', ')}${atWork.length > 4 ? ` and ${atWork.length - 4} more` : ''}` : 'looking for videos';
  return `${countWords(counts)}; ${now}`;
}

/** Lines of `vamg status` for a run that is on its way. */
export function describeRun({ workflow, videos }: ArchiveRunProgress): string[] {
  if (workflow === null) return ['  no worker answers at the moment'];
  const { counts, spent, night } = workflow;
  const lines = [
    ...(night === null ? [] : [`  due     ${night}`]),
    `  videos  ${countWords(counts)}`,
    `  started ${spent.videos} videos, ${(spent.seconds / 3600).toFixed(2)} hours, ${(spent.bytes / 1e9).toFixed(2)} GB`,
  ];
  for (const video of videos) lines.push(`  at work ${video.id}: ${video.workflow === null ? 'waiting' : phaseWords(video.workflow)}, ${Math.round(video.fraction * 100)} %`);
  return lines;
}
