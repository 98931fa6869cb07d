import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { customFile, customVideo, syntheticFolder, syntheticVideo } from '../../support/synthetic-video';

/** Files that harm those who open them carelessly. Each is made once per test file, in its folder of test media. */

export interface PoisonFile {
  readonly what: string;
  /** @param url an address of the listener, for files that name one */
  readonly make: (url: (path: string) => string) => Promise<string>;
  /** The one sentence about it. */
  readonly says: RegExp;
}

const NO_VIDEO = /is not (in a video format that is accepted \(playlists, pictures and text are not\); convert it to mp4 or mkv|a video, or is damaged from its very start)\.$/;

const dash = (url: (path: string) => string): string => `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><BaseURL>${url('dash.mp4')}</BaseURL>
<SegmentBase indexRange="0-100"><Initialization range="0-50"/></SegmentBase></Representation></AdaptationSet></Period></MPD>\n`;
const hls = (target: string): string => `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n${target}\n#EXT-X-ENDLIST\n`;
const concat = (target: string): string => `ffconcat version 1.0\nfile '${target}'\nduration 10\n`;

export const PLAYLISTS: readonly PoisonFile[] = [
  { what: 'a DASH manifest', make: (url) => customFile('dash.mp4', dash(url)), says: NO_VIDEO },
  { what: 'an HLS playlist', make: (url) => customFile('hls.mp4', hls(url('segment.ts'))), says: NO_VIDEO },
  { what: 'an HLS playlist of files of this machine', make: () => customFile('hls-file.mkv', hls('file:///etc/passwd')), says: NO_VIDEO },
  { what: 'an ffconcat list', make: (url) => customFile('concat.mp4', concat(url('a.mp4'))), says: NO_VIDEO },
  { what: 'an ffconcat list of a real video', make: async () => customFile('concat-file.mp4', concat((await syntheticVideo('gif')).path)), says: NO_VIDEO },
  { what: 'an SDP description', make: () => customFile('sdp.mp4', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n'), says: NO_VIDEO },
  { what: 'an ASX list', make: (url) => customFile('asx.avi', `<asx version="3.0"><entry><ref href="${url('a.asf')}"/></entry></asx>\n`), says: NO_VIDEO },
  { what: 'an SVG that names a file', make: () => customFile('image.mp4', '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>\n'), says: NO_VIDEO },
];

export const BROKEN: readonly PoisonFile[] = [
  { what: 'an empty file', make: () => customFile('empty.mp4', ''), says: /is empty \(0 bytes\); copy or record it again\.$/ },
  { what: 'a text', make: () => customFile('text.mp4', 'this is a letter, not a film\n'.repeat(50)), says: NO_VIDEO },
  { what: 'a truncated mp4', make: async () => customFile('truncated.mp4', (await cfr()).subarray(0, 4000)), says: /is cut off: its index \(the moov atom\) is missing; copy or record it again\.$/ },
  { what: 'a header that says 1,000 hours', make: longHeader, says: /lasts 3600000 s, more than the limit of 432000 s; cut it or raise the limit\.$/ },
  { what: 'a video without frames', make: noFrames, says: /holds a video stream without a single frame\.$/ },
  { what: 'a link to a text of this machine', make: async () => link('link.mp4', '/etc/passwd'), says: NO_VIDEO },
  { what: 'a link that leads to itself', make: async () => link('loop.mp4', join(syntheticFolder(), 'loop.mp4')), says: /is a symbolic link that leads to itself\.$/ },
  { what: 'a link to nothing', make: async () => link('nothing.mp4', '/nowhere/film.mp4'), says: /does not exist; check the path\.$/ },
];

export const BOMBS: readonly PoisonFile[] = [
  { what: 'a picture of 12000 x 12000 pixels', make: () => bomb('mjpeg.avi', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p']), says: /has pictures of 12000x12000 pixels, more than the limit of 35000000; scale it down first\.$/ },
  { what: 'a PNG of 12000 x 12000 pixels in an mkv', make: () => bomb('png.mkv', ['-c:v', 'png', '-pix_fmt', 'gray']), says: /has pictures of 12000x12000 pixels, more than the limit of 35000000; scale it down first\.$/ },
];

/** 60,100 frames at 1,000 a second in a few megabytes. */
export async function manyFrames(): Promise<string> {
  const short = await customVideo('short.mp4', ['-f', 'lavfi', '-i', 'color=s=64x64:r=1000:d=0.1', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '1']);
  return customVideo('many.mp4', ['-stream_loop', '600', '-i', short, '-c', 'copy']);
}

/** Every 211th byte of the pictures turned over. */
export async function flippedBytes(): Promise<string> {
  const bytes = Buffer.from(await cfr());
  const [from, to] = [bytes.indexOf('mdat') + 500, bytes.indexOf('moov') - 8];
  for (let at = from; at < to; at += 211) bytes[at]! ^= 0xff;
  return customFile('flipped.mp4', bytes);
}

async function cfr(): Promise<Buffer> {
  return readFileSync((await syntheticVideo('cfrMp4')).path);
}

/** The durations of film, tracks and media, in their version 0 boxes. */
async function longHeader(): Promise<string> {
  const bytes = Buffer.from(readFileSync(await customVideo('one-second.mp4', ['-f', 'lavfi', '-i', 'color=s=64x48:r=5:d=1', '-c:v', 'libx264', '-pix_fmt', 'yuv420p'])));
  const timescale = bytes.readUInt32BE(bytes.indexOf('mvhd') + 16);
  bytes.writeUInt32BE(3_600_000 * timescale, bytes.indexOf('mvhd') + 20);
  return customFile('long-header.mp4', bytes);
}

async function noFrames(): Promise<string> {
  const one = await customVideo('one-frame.mp4', ['-f', 'lavfi', '-i', 'color=s=64x64:r=5:d=1', '-c:v', 'libx264']);
  return customVideo('no-frames.mp4', ['-ss', '100', '-i', one, '-c', 'copy']);
}

async function bomb(name: string, codec: string[]): Promise<string> {
  return customVideo(`bomb-${name}`, ['-f', 'lavfi', '-i', 'color=black:s=12000x12000:r=1:d=1', '-frames:v', '1', ...codec]);
}

function link(name: string, target: string): string {
  const path = join(syntheticFolder(), name);
  symlinkSync(target, path);
  return path;
}
