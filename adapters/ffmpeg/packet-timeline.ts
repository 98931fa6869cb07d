import type { Rational, VideoInfo } from '../../contracts/video-info';

/** From the packets of a video stream (or the frames of its decoder) to its timeline. Pure. */

export interface Packet {
  /** Ticks; null when the container does not say. */
  readonly pts: number | null;
  readonly dts: number | null;
  readonly duration: number | null;
  /** Decoding can begin here. */
  readonly isRandomAccess: boolean;
  /** Decoded but never shown (edit lists). */
  readonly isDiscarded: boolean;
}

export type Timeline = Pick<
  VideoInfo,
  'pts' | 'lastFrameDuration' | 'isVariableFrameRate' | 'nominalFrameRate' | 'startPts' | 'durationSeconds' | 'isTimelineOrdered'
>;

/** Packets between two kept random access points: all-intra codecs would otherwise list every frame. */
const SEEK_POINT_SPACING = 12;

/** One line of `ffprobe -show_entries packet=pts,dts,duration,flags -of compact=p=0`. */
export function parsePacketLine(line: string): Packet {
  const fields = new Map(line.split('|').map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]));
  const ticks = (name: string): number | null => {
    const text = fields.get(name);
    return text === undefined || !/^-?\d+$/.test(text) ? null : Number(text);
  };
  const flags = fields.get('flags') ?? '';
  return { pts: ticks('pts'), dts: ticks('dts'), duration: ticks('duration'), isRandomAccess: flags.includes('K'), isDiscarded: flags.includes('D') };
}

/** Collects packets in decode order, a few numbers each. */
export class PacketList {
  private readonly shown: number[] = [];
  private readonly seekPoints: { pts: number; dts: number }[] = [];
  private readonly durations = new Map<number, number>();
  private highestPts = -Infinity;
  private sinceSeekPoint = Infinity;
  private missingStamps = 0;

  /** Frames that the container promises so far. */
  get frames(): number {
    return this.shown.length + this.missingStamps;
  }

  add(packet: Packet): void {
    this.sinceSeekPoint++;
    const pts = packet.pts ?? packet.dts;
    if (packet.isDiscarded) return;
    if (pts === null) {
      this.missingStamps++;
      return;
    }
    if (packet.isRandomAccess && packet.pts !== null && packet.dts !== null && packet.pts > this.highestPts && this.sinceSeekPoint >= SEEK_POINT_SPACING) {
      this.seekPoints.push({ pts: packet.pts, dts: packet.dts });
      this.sinceSeekPoint = 0;
    }
    if (pts > this.highestPts && packet.duration !== null && packet.duration > 0) {
      this.durations.clear();
      this.durations.set(pts, packet.duration);
    }
    this.highestPts = Math.max(this.highestPts, pts);
    this.shown.push(pts);
  }

  /** The timeline in presentation order. @throws RangeError without any frame. */
  finish(timeBase: Rational, claimedFrameRate: Rational | null): Timeline & Pick<VideoInfo, 'seekPoints'> {
    const pts = this.shown.sort((a, b) => a - b);
    const stamped: (number | null)[] = [...pts, ...new Array<null>(this.missingStamps).fill(null)];
    return { ...timelineOf(stamped, this.durations.get(this.highestPts) ?? null, timeBase, claimedFrameRate), seekPoints: this.seekPoints };
  }
}

/**
 * The timeline of frames given in presentation order. Frames without a timestamp, or with one that does not ascend, are put
 * one nominal frame after the one before them, and the timeline is then marked as not ordered.
 * @throws RangeError without any frame.
 */
export function timelineOf(stamps: readonly (number | null)[], lastDuration: number | null, timeBase: Rational, claimedFrameRate: Rational | null): Timeline {
  if (stamps.length === 0) throw new RangeError('a timeline needs at least one frame');
  const fallbackStep = Math.max(1, Math.round(ticksPerFrame(claimedFrameRate ?? { num: 25, den: 1 }, timeBase)));
  const pts: number[] = [];
  let isTimelineOrdered = true;
  for (const stamp of stamps) {
    const previous = pts[pts.length - 1];
    if (stamp !== null && (previous === undefined || stamp > previous)) pts.push(stamp);
    else {
      isTimelineOrdered = false;
      pts.push(previous === undefined ? 0 : previous + fallbackStep);
    }
  }
  const first = pts[0]!;
  const last = pts[pts.length - 1]!;
  const meanStep = pts.length > 1 ? (last - first) / (pts.length - 1) : (lastDuration ?? fallbackStep);
  const lastFrameDuration = lastDuration ?? Math.max(1, Math.round(meanStep));
  const isVariableFrameRate = pts.some((stamp, i) => Math.abs(stamp - first - i * meanStep) > Math.max(1.5, 0.1 * meanStep));
  return {
    pts,
    lastFrameDuration,
    isVariableFrameRate,
    nominalFrameRate: nominalFrameRate(meanStep, timeBase, claimedFrameRate),
    startPts: first,
    durationSeconds: ((last - first + lastFrameDuration) * timeBase.num) / timeBase.den,
    isTimelineOrdered,
  };
}

/** The claimed rate when the timestamps bear it out within 2 %, else the mean rate, to a thousandth. */
function nominalFrameRate(meanStep: number, timeBase: Rational, claimed: Rational | null): Rational {
  const mean = timeBase.den / (timeBase.num * Math.max(meanStep, 1e-9));
  if (claimed !== null && Math.abs(claimed.num / claimed.den / mean - 1) < 0.02) return claimed;
  const thousandths = Math.max(1, Math.round(mean * 1000));
  const divisor = greatestCommonDivisor(thousandths, 1000);
  return { num: thousandths / divisor, den: 1000 / divisor };
}

function ticksPerFrame(rate: Rational, timeBase: Rational): number {
  return (rate.den * timeBase.den) / (rate.num * timeBase.num);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
