/*
 * From film time to position and back. The film's own times are those of masks.jsonl less its start; a film whose length differs was
 * written at a constant rate: then frames are counted, not timed.
 */
function createFilmTime(data, index, files) {
  const span = Math.max(0.001, index.frameTime * data.frames);
  let duration = span;
  const isEven = () => Math.abs(duration - span) > Math.max(0.5, span * 0.03);
  const endTime = (position) => (position + 1 < data.frames ? files.frameAt(position + 1)?.[1] : undefined) ?? index.roughTime(position + 1);
  return {
    /** Seconds from the first frame's start to the last one's end. */
    span,
    setDuration(seconds) {
      if (Number.isFinite(seconds) && seconds > 0) duration = seconds;
    },
    /** Position shown at a film time; `isExact` is false while the masks that would tell are not loaded. */
    positionAt(time) {
      if (isEven()) return { position: Math.max(0, Math.min(data.frames - 1, Math.floor((time / duration) * data.frames + 0.01))), isExact: true };
      const exact = files.positionAt(time + index.startTime + 0.004);
      return exact === null ? { position: index.roughPosition(time + index.startTime + 0.004), isExact: false } : { position: exact, isExact: true };
    },
    /** Film time in the middle of a frame, so that rounding cannot land on its neighbour. `time` is the frame's own, where it is known. */
    middleOf(position, time) {
      if (isEven()) return ((position + 0.5) / data.frames) * duration;
      if (time !== undefined) return time - index.startTime + Math.min(index.frameTime / 2, 0.01);
      const start = files.frameAt(position)?.[1] ?? index.roughTime(position);
      const end = endTime(position);
      return (start + Math.max(start, end)) / 2 - index.startTime;
    },
  };
}
