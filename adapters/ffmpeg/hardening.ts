/**
 * The flags under which every ffmpeg and ffprobe process runs. Videos are untrusted: only local files, only containers that hold
 * their own data (no playlists: they name other files and hosts), and a limit on the picture size before memory is taken.
 */

/** Largest picture that is decoded, width * height. 35 million is a little over 8K UHD. */
export const DEFAULT_MAX_PIXELS = 35_000_000;

/** Demuxers that may open an input. Playlists (hls, dash, concat), image sequences and text formats are left out on purpose. */
export const ALLOWED_FORMATS: readonly string[] = [
  'mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'mpegts', 'mpeg', 'flv', 'ogg', 'asf', 'mxf', 'gif', 'dv', 'ivf', 'nut',
];

export interface HardeningOptions {
  /** Default DEFAULT_MAX_PIXELS. */
  readonly maxPixels?: number;
  /** Demuxers allowed besides ALLOWED_FORMATS, for inputs that we generated ourselves. */
  readonly extraFormats?: readonly string[];
}

/** Flags of ffmpeg that do not belong to one input. */
export function quietFlags(): string[] {
  return ['-nostdin', '-hide_banner', '-loglevel', 'error'];
}

/** Flags that go directly before `-i` of one ffmpeg input, or among the options of ffprobe. */
export function inputFlags(options: HardeningOptions = {}): string[] {
  return [
    '-protocol_whitelist', 'file,pipe',
    '-format_whitelist', [...ALLOWED_FORMATS, ...(options.extraFormats ?? [])].join(','),
    '-max_pixels', String(options.maxPixels ?? DEFAULT_MAX_PIXELS),
  ];
}

/**
 * The input as ffmpeg is to see it: `file:` in front keeps names such as `http:x` or `-y` from being anything but a file name.
 * @throws RangeError when the path is not absolute.
 */
export function fileUrl(absolutePath: string): string {
  if (!/^(\/|[A-Za-z]:[\\/])/.test(absolutePath)) throw new RangeError('ffmpeg inputs and outputs are given by absolute path');
  return `file:${absolutePath}`;
}
