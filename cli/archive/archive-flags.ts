import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ArchiveRunSettings } from '../../workers/archive-client';
import { VamgError } from '../../contracts/errors';
import type { SegmentOptions } from '../../contracts/segment-options';
import { resolveOptions } from '../options/resolve-options';
import { addSegmentFlags, readSegmentFlags } from '../options/segment-flags';

export interface ArchiveFlags extends Record<string, unknown> {
  readonly dest?: string;
  readonly store?: string;
  readonly json?: boolean;
  readonly parallel: number;
  readonly parallelChunks?: number;
  readonly maxVideos?: number;
  readonly maxHours?: number;
  readonly maxBytes?: number;
  readonly quarantineAfter: number;
  readonly retryQuarantined?: boolean;
  readonly redoOutdated?: boolean;
  readonly priority: number;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** "500GB", "1.5 TB" or a plain number of bytes. @throws InvalidArgumentError */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(text.trim());
  const bytes = match === null ? 0 : Math.round(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!);
  if (!(bytes >= 1) || !Number.isSafeInteger(bytes)) throw new InvalidArgumentError('It must be a size such as 500GB, or a number of bytes.');
  return bytes;
}

function number(from: number, to: number, isWhole: boolean): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN;
    if (!(value >= from && value <= to) || (isWhole && !Number.isInteger(value))) throw new InvalidArgumentError(`It must be a ${isWhole ? 'whole ' : ''}number from ${from} to ${to}.`);
    return value;
  };
}

/** Flags of `vamg archive` that `vamg schedule create` has too, the segmentation options among them. */
export function addArchiveFlags(command: Command): Command {
  const add = (group: string, flags: string, description: string, parse?: (text: string) => unknown, preset?: unknown): void => {
    const option = new Option(flags, description).helpGroup(`${group}:`);
    if (parse !== undefined) option.argParser(parse);
    if (preset !== undefined) option.default(preset);
    command.addOption(option);
  };
  add('Archive', '--dest <url>', 'Folder or s3://bucket/prefix for the results, a folder for each video (default <name of the source>-vamg in the current folder)');
  add('Archive', '--parallel <n>', 'Videos at work at one time', number(1, 200, true), 2);
  add('Archive', '--parallel-chunks <n>', 'Chunks in flight of each video (default 2)', number(1, 512, true));
  add('Archive', '--priority <n>', 'Turn on busy workers, 1 (first) to 5 (last); `vamg segment` has 3', number(1, 5, true), 4);
  add('Budget of one run', '--max-videos <n>', 'Videos that are started (default no limit)', number(1, 1e9, true));
  add('Budget of one run', '--max-hours <x>', 'Hours of video that are started (default no limit)', number(0.001, 1e6, false));
  add('Budget of one run', '--max-bytes <size>', 'Size of the files that are started, for example 500GB (default no limit)', parseBytes);
  add('Failures', '--quarantine-after <n>', 'Failed runs in a row after which a video is left alone; one that cannot be read is at once', number(1, 100, true), 3);
  add('Failures', '--retry-quarantined', 'Try videos in quarantine again');
  add('Failures', '--redo-outdated', 'Process again what an older version of vamg has done');
  add('Job', '--store <url>', 'Folder or s3://bucket/prefix for intermediate results (default VAMG_STORE, else .vamg/store)');
  add('Job', '--json', 'Print one JSON document on stdout and nothing else.');
  return addSegmentFlags(command, ['parallel']);
}

/** @throws VamgError BadConfig */
export function archiveOptions(flags: ArchiveFlags): SegmentOptions {
  const { options } = resolveOptions({ flags: readSegmentFlags({ ...flags, parallel: flags.parallelChunks }) });
  if (options.tracking.onlyPrompted) throw new VamgError('BadConfig', '--only-prompted follows objects that are given for one video; an archive has none: leave it out.');
  return options;
}

export function archiveSettings(flags: ArchiveFlags): ArchiveRunSettings {
  const { maxVideos = null, maxHours, maxBytes = null } = flags;
  return {
    parallel: flags.parallel,
    budget: { videos: maxVideos, seconds: maxHours === undefined ? null : maxHours * 3600, bytes: maxBytes },
    policy: { quarantineAfter: flags.quarantineAfter, retryQuarantined: flags.retryQuarantined === true, redoOutdated: flags.redoOutdated === true },
    priority: flags.priority,
  };
}
