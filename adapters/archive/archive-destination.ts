/** Where the results of an archive go: a folder for each video, complete or absent, and the reports of the runs. */
export interface ArchiveDestination {
  /** Whether the result of a video is there. */
  has(name: string): Promise<boolean>;
  /**
   * Write or replace the result of a video.
   * @param files names in the result folder, each with what writes it to a local path; result.json is one of them
   * @param trail its edits.jsonl; empty without one
   * @throws VamgError BadConfig with `details.occupied` when something is there that is no result of ours, or one with other edits
   */
  publish(name: string, files: ReadonlyMap<string, (localPath: string) => Promise<void>>, trail?: string): Promise<void>;
  /** Write or replace a file in the folder of reports. */
  putReport(name: string, text: string): Promise<void>;
}

/** Folder of the reports, below the destination. */
export const REPORTS_FOLDER = 'archive-reports';

/** The file that makes a result complete: written last, removed first. */
export const RESULT_FILE = 'result.json';
