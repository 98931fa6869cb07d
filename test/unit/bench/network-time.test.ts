import { networkTime } from '../../../bench/study/network-time';

const run = (startedAt: number, endedAt: number) => ({ startedAt, endedAt });

describe('the time in which a network ran', () => {
  it('counts what runs side by side once, and gaps not at all', () => {
    // 0..4, with one inside and one that reaches beyond; a gap of 2; 6..9, touched by 9..10.
    expect(networkTime([run(6000, 9000), run(0, 3000), run(1000, 2000), run(2500, 4000), run(9000, 10_000)])).toEqual({ spanSeconds: 10, busySeconds: 8 });
    expect(networkTime([run(5000, 5500)])).toEqual({ spanSeconds: 0.5, busySeconds: 0.5 });
  });

  it('is that of something', () => {
    expect(() => networkTime([])).toThrow('No network ran');
  });
});
