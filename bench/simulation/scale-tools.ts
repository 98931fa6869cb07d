/** What every part of `bench:scale` needs. */
export interface ScaleTools {
  /** For everything that is written; removed by the caller. */
  readonly folder: string;
  /** The `temporal` program. */
  readonly temporal: string;
  readonly ffmpeg: string;
  /** The `versitygw` program; null where there is none. */
  readonly versitygw: string | null;
  /** Says on stderr how far it is. */
  readonly note: (text: string) => void;
}
