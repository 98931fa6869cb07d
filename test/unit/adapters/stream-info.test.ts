import { displaySize, parseRational, parseStreamReport } from '../../../adapters/ffmpeg/stream-info';

const video = { index: 1, codec_type: 'video', codec_name: 'h264', width: 1440, height: 1080, time_base: '1/90000', r_frame_rate: '30000/1001' };
const report = (...streams: object[]): string => JSON.stringify({ streams, format: { format_name: 'mpegts', duration: '12.5' } });

describe('the size in which frames are delivered', () => {
  it.each([
    ['square pixels', [160, 120, 1, 1, 0], [160, 120]],
    ['wide pixels', [1440, 1080, 4, 3, 0], [1920, 1080]],
    ['narrow pixels', [720, 576, 16, 15, 90], [576, 768]],
    ['tall pixels', [704, 480, 10, 11, 0], [640, 480]],
    ['pixels that are square but for rounding', [854, 480, 1280, 1281, 0], [854, 480]],
    ['a picture on its side', [160, 120, 1, 1, 270], [120, 160]],
    ['a picture upside down', [161, 121, 1, 1, 180], [161, 121]],
  ] as const)('%s', (_, [width, height, num, den, rotation], [wide, high]) => {
    expect(displaySize(width, height, { num, den }, rotation)).toEqual({ width: wide, height: high });
  });
});

describe('the report of ffprobe', () => {
  it('gives the first video stream that is not a cover picture, and the codecs of the sound', () => {
    const cover = { ...video, index: 0, codec_name: 'mjpeg', disposition: { attached_pic: 1 } };
    const sound = { index: 2, codec_type: 'audio', codec_name: 'aac' };
    expect(parseStreamReport(report(cover, video, sound))).toMatchObject({
      container: 'mpegts', audioCodecs: ['aac'], claimedDurationSeconds: 12.5,
      video: { streamIndex: 1, codec: 'h264', codedWidth: 1440, timeBase: { num: 1, den: 90000 }, claimedFrameRate: { num: 30000, den: 1001 } },
    });
    expect(parseStreamReport(report(cover, sound)).video).toBeNull();
  });

  it.each([
    [-90, 90], [90, 270], [-180, 180], [180, 180], [0, 0], [-45, 0],
  ])('a display matrix of %i degrees counter-clockwise asks for a turn of %i clockwise', (rotation, expected) => {
    const turned = { ...video, side_data_list: [{ side_data_type: 'Display Matrix', rotation }], tags: { rotate: '180' } };
    expect(parseStreamReport(report(turned)).video?.rotation).toBe(expected);
  });

  it('takes the old rotate tag when there is no matrix', () => {
    expect(parseStreamReport(report({ ...video, tags: { rotate: '90' } })).video?.rotation).toBe(90);
  });

  it('is refused when it is not JSON', () => {
    expect(() => parseStreamReport('nothing')).toThrow(SyntaxError);
  });
});

describe('ratios', () => {
  it.each([['4:3', { num: 4, den: 3 }], ['30000/1001', { num: 30000, den: 1001 }], ['0:1', null], ['0/0', null], ['N/A', null], [undefined, null]])('%s', (text, expected) => {
    expect(parseRational(text)).toEqual(expected);
  });
});
