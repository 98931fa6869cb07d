/* The part of the film that the lanes show, in positions. */
function createTimeWindow(frames, onChange) {
  const LEAST = Math.min(frames, 20);
  let from = 0;
  let to = Math.max(1, frames);
  function set(nextFrom, nextTo) {
    const length = Math.max(LEAST, Math.min(frames, nextTo - nextFrom));
    const start = Math.max(0, Math.min(frames - length, nextFrom));
    if (start === from && start + length === to) return;
    from = start;
    to = Math.max(start + length, start + 1);
    onChange();
  }
  return {
    from: () => from,
    to: () => to,
    isWhole: () => to - from >= frames,
    /** Share 0..1 of the width at which a position begins. */
    shareOf: (position) => (position - from) / (to - from),
    positionAt: (share) => Math.max(0, Math.min(frames - 1, Math.floor(from + share * (to - from)))),
    /** Shows 1/factor as much time, keeping `position` where it is. */
    zoom(factor, position) {
      const length = Math.max(LEAST, (to - from) / factor);
      const share = Math.max(0, Math.min(1, (position - from) / (to - from)));
      set(position - share * length, position - share * length + length);
    },
    whole: () => set(0, frames),
    move: (by) => set(from + by, to + by),
    /** Turns the page when a position is outside. */
    follow(position) {
      if (position >= from && position < to) return;
      const length = to - from;
      set(position - length * 0.1, position + length * 0.9);
    },
    show(start, end) {
      const room = Math.max(LEAST / 4, (end - start) * 0.3);
      if (start < from || end > to) set(Math.min(start - room, from), Math.max(end + room, to));
    },
  };
}
