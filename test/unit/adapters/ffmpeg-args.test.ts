import { Readable } from 'node:stream';
import { alphaFilmCommand } from '../../../adapters/ffmpeg/alpha-film';
import { chooseSeekPoint, decodeCommand, parseTimestampLine, seekSeconds } from '../../../adapters/ffmpeg/decode-args';
import { describeCommand } from '../../../adapters/ffmpeg/ffmpeg-runner';
import { ALLOWED_FORMATS, fileUrl, inputFlags } from '../../../adapters/ffmpeg/hardening';
import { concatList, filmTimeBase, overlayJoinCommand, overlayPartCommand } from '../../../adapters/ffmpeg/overlay-args';
import { ticksToNanoseconds } from '../../../adapters/ffmpeg/raw-matroska';
import { scrubPaths } from '../../../adapters/ffmpeg/scrub-paths';

const info = { streamIndex: 1, codedWidth: 160, codedHeight: 120, rotation: 90 as const, timeBase: { num: 1, den: 12800 } };

describe('hardening', () => {
  it('comes before every input and allows no playlists, networks or picture sequences', () => {
    for (const format of ['hls', 'dash', 'concat', 'image2', 'tty', 'lavfi', 'rtsp']) expect(ALLOWED_FORMATS).not.toContain(format);
    const decode = decodeCommand({ path: '/v.mp4', info, width: 120, height: 160, seekDts: null, fromPts: null, scaling: 'bicubic', maxPixels: 7, threads: 1 });
    const part = overlayPartCommand({ stream: Readable.from([]), timeBase: { num: 1, den: 25 }, output: '/o.mp4', crf: 20, threads: 1 });
    const join = overlayJoinCommand({ list: '/l', timeBase: { num: 1, den: 25 }, output: '/o.mp4', audio: { path: '/v', codec: 'aac', startSeconds: '0', durationSeconds: '1' } });
    const alpha = (['vp9', 'prores'] as const).map((codec) => alphaFilmCommand({ codec, stream: Readable.from([]), timeBase: { num: 1, den: 25 }, output: '/o.mov', threads: 1 }));
    for (const { flags } of [decode, part, join, ...alpha].flatMap((command) => command.inputs)) {
      expect(flags.join(' ')).toMatch(/-protocol_whitelist file,pipe -format_whitelist mov,\S+ -max_pixels \d+/);
    }
    expect(inputFlags({ maxPixels: 7 }).slice(-2)).toEqual(['-max_pixels', '7']);
  });

  it('sets the distance of key frames only when asked', () => {
    const flags = (more: object): string => overlayPartCommand({ stream: Readable.from([]), timeBase: { num: 1, den: 25 }, output: '/o.mp4', crf: 20, threads: 1, ...more }).outputFlags.join(' ');
    expect(flags({})).not.toContain(' -g ');
    expect(flags({ keyframeEvery: 24 })).toContain(' -g 24 ');
  });

  it('takes absolute paths only, so that a name can never be an option or an address', () => {
    expect(fileUrl('/a b/-y.mp4')).toBe('file:/a b/-y.mp4');
    for (const path of ['-y', 'http://host/x', 'a.mp4']) expect(() => fileUrl(path)).toThrow(RangeError);
  });
});

describe('decode arguments', () => {
  it('are these for a turned video read from the middle', () => {
    const command = decodeCommand({ path: '/videos/film.mp4', info, width: 120, height: 160, seekDts: 25600, fromPts: 30000, scaling: 'bicubic', maxPixels: 35_000_000, threads: 2 });
    expect(describeCommand(command)).toBe(
      'ffmpeg -nostdin -hide_banner -loglevel error -protocol_whitelist file,pipe' +
        ` -format_whitelist ${ALLOWED_FORMATS.join(',')} -max_pixels 35000000 -flags +bitexact -threads 2 -noautorotate` +
        ' -noaccurate_seek -seek_timestamp 1 -ss 1.999999 -copyts -an -sn -dn -i film.mp4 -map 0:1' +
        " -vf 'select='gte(pts,30000)',scale=160:120:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24,transpose=clock," +
        "metadata=mode=add:key=vamg:value=1,metadata=mode=print:key=vamg:file='pipe\\:2':direct=1'" +
        ' -fps_mode passthrough -f rawvideo -pix_fmt rgb24 stdout',
    );
  });

  it('seek in exact microseconds, a little early, also below zero', () => {
    expect(seekSeconds(900000, { num: 1, den: 90000 })).toBe('9.999999');
    expect(seekSeconds(-1024, { num: 1, den: 12800 })).toBe('-0.080001');
    expect(seekSeconds(9_000_000_000_000, { num: 1001, den: 30000 })).toBe('300299999999.999999');
  });

  it('start one random access point before the last one that would do', () => {
    const seekPoints = [0, 100, 200, 300].map((pts) => ({ pts, dts: pts - 2 }));
    expect([-5, 0, 99, 100, 199, 200, 350].map((pts) => chooseSeekPoint({ seekPoints }, pts))).toEqual([null, null, null, -2, -2, 98, 198]);
    expect(chooseSeekPoint({ seekPoints: [] }, 5)).toBeNull();
  });
});

describe('timestamp lines', () => {
  it.each([
    ['frame:0    pts:223200  pts_time:2.48', 223200],
    ['frame:12   pts:-512    pts_time:-0.04', -512],
    ['frame:3    pts:NOPTS   pts_time:NOPTS', 'unknown'],
    ['[h264 @ 0x55] frame:9    pts:7       pts_time:0.1', 7],
    ['vamg=1', 'marker'],
    ['[h264 @ 0x5602506cad40] mmco: unref short failure', null],
  ])('%s', (line, expected) => {
    expect(parseTimestampLine(line)).toBe(expected);
  });
});

describe('overlay arguments', () => {
  it('list parts under names of our own with exact durations', () => {
    expect(concatList([{ name: 'part-000000.mp4', durationMicros: 1_234_567 }])).toBe('ffconcat version 1.0\nfile part-000000.mp4\nduration 1.234567\n');
    expect(() => concatList([{ name: "x'\nfile /etc/passwd", durationMicros: 1 }])).toThrow(RangeError);
  });

  it('keep time bases that mp4 can hold', () => {
    expect(filmTimeBase({ num: 1, den: 90000 })).toEqual({ num: 1, den: 90000 });
    expect(filmTimeBase({ num: 1, den: 1_000_000_000 })).toEqual({ num: 1, den: 1_000_000 });
    expect(ticksToNanoseconds(1001, { num: 1, den: 30000 })).toBe(33366667n);
  });
});

describe('messages', () => {
  it('never hold host paths', () => {
    expect(scrubPaths('file:/home/me/my films/a b.mp4: Invalid data', ['/home/me/my films/a b.mp4'])).toBe('a b.mp4: Invalid data');
    expect(scrubPaths("[in] Error opening '/srv/data/x.mkv' (/tmp/y)")).toBe("[in] Error opening 'x.mkv' (y)");
    expect(scrubPaths('rate 30/1, 4:3 and/or')).toBe('rate 30/1, 4:3 and/or');
  });
});
