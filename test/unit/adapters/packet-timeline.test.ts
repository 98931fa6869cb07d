import { PacketList, parsePacketLine, timelineOf, type Packet } from '../../../adapters/ffmpeg/packet-timeline';

const timeBase = { num: 1, den: 1000 };
const packet = (pts: number | null, dts: number | null = pts, more: Partial<Packet> = {}): Packet => ({ pts, dts, duration: 40, isRandomAccess: false, isDiscarded: false, ...more });

describe('packet lines of ffprobe', () => {
  it.each([
    ['pts=133200|dts=126000|duration=3600|flags=K_|', { pts: 133200, dts: 126000, duration: 3600, isRandomAccess: true, isDiscarded: false }],
    ['pts=-1024|dts=-2048|duration=512|flags=__', { pts: -1024, dts: -2048, duration: 512, isRandomAccess: false, isDiscarded: false }],
    ['pts=0|dts=0|duration=N/A|flags=KD_', { pts: 0, dts: 0, duration: null, isRandomAccess: true, isDiscarded: true }],
    ['pts=N/A|dts=7|flags=_', { pts: null, dts: 7, duration: null, isRandomAccess: false, isDiscarded: false }],
  ])('%s is understood', (line, expected) => {
    expect(parsePacketLine(line)).toEqual(expected);
  });
});

describe('a timeline', () => {
  it('puts packets in presentation order and leaves out those that an edit list hides', () => {
    const list = new PacketList();
    [packet(0, -80, { isDiscarded: true }), packet(40, -40), packet(160, 0), packet(80, 40), packet(120, 80)].forEach((entry) => list.add(entry));
    expect(list.finish(timeBase, { num: 25, den: 1 })).toMatchObject({
      pts: [40, 80, 120, 160], startPts: 40, durationSeconds: 0.16, lastFrameDuration: 40, isVariableFrameRate: false, isTimelineOrdered: true, nominalFrameRate: { num: 25, den: 1 },
    });
  });

  it('keeps random access points that later frames do not reach behind, thinned', () => {
    const list = new PacketList();
    for (let i = 0; i < 40; i++) list.add(packet(i * 40, i * 40 - 80, { isRandomAccess: true }));
    list.add(packet(100, 1600, { isRandomAccess: true }));
    expect(list.finish(timeBase, null).seekPoints).toEqual([0, 12, 24, 36].map((i) => ({ pts: i * 40, dts: i * 40 - 80 })));
  });

  it('is variable when frames are missing, not when times are rounded', () => {
    const rounded = Array.from({ length: 90 }, (_, i) => Math.round((i * 1001) / 30));
    expect(timelineOf(rounded, null, timeBase, { num: 30000, den: 1001 })).toMatchObject({ isVariableFrameRate: false, nominalFrameRate: { num: 30000, den: 1001 } });
    expect(timelineOf(rounded.filter((_, i) => i % 7 !== 0), null, timeBase, { num: 30000, den: 1001 })).toMatchObject({ isVariableFrameRate: true });
  });

  it('does not believe a frame rate that the timestamps contradict', () => {
    const { nominalFrameRate } = timelineOf([0, 80, 160, 240], null, timeBase, { num: 90000, den: 1 });
    expect(nominalFrameRate).toEqual({ num: 25, den: 2 });
  });

  it('counts instead when timestamps are missing or repeat', () => {
    expect(timelineOf([null, null, null], null, timeBase, { num: 25, den: 1 })).toMatchObject({ pts: [0, 40, 80], isTimelineOrdered: false });
    expect(timelineOf([0, 40, 40, 120], null, timeBase, { num: 25, den: 1 })).toMatchObject({ pts: [0, 40, 80, 120], isTimelineOrdered: false });
  });

  it('has a length even with a single frame', () => {
    expect(timelineOf([5], null, timeBase, { num: 25, den: 1 })).toMatchObject({ durationSeconds: 0.04, startPts: 5 });
    expect(() => timelineOf([], null, timeBase, null)).toThrow(RangeError);
  });
});
