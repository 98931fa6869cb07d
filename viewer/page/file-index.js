/* Which mask file holds a position or a time, and about when a position is shown, without loading anything. */
function createFileIndex({ fileStarts, fileTimes, frames, lastTime }) {
  const count = fileStarts.length;
  const startTime = fileTimes[0] ?? 0;
  const frameTime = frames > 1 ? (lastTime - startTime) / (frames - 1) : 0.04;
  const endOf = (index) => (index + 1 < count ? fileStarts[index + 1] : frames);
  const endTimeOf = (index) => (index + 1 < count ? fileTimes[index + 1] : lastTime + frameTime);
  return {
    count,
    startTime,
    /** Seconds that a frame is shown, on average. */
    frameTime,
    startOf: (index) => fileStarts[index] ?? 0,
    fileOfPosition: (position) => lastAtMost(fileStarts, position),
    fileOfTime: (time) => lastAtMost(fileTimes, time),
    /** Time of a position, exact where the frames of its file are evenly spaced. */
    roughTime(position) {
      if (count === 0) return 0;
      const index = lastAtMost(fileStarts, position);
      const share = (position - fileStarts[index]) / Math.max(1, endOf(index) - fileStarts[index]);
      return fileTimes[index] + share * (endTimeOf(index) - fileTimes[index]);
    },
    /** Position shown at a time, exact where the frames of its file are evenly spaced. */
    roughPosition(time) {
      if (count === 0) return 0;
      const index = lastAtMost(fileTimes, time);
      const share = (time - fileTimes[index]) / Math.max(1e-9, endTimeOf(index) - fileTimes[index]);
      return Math.max(0, Math.min(frames - 1, fileStarts[index] + Math.floor(share * (endOf(index) - fileStarts[index]))));
    },
  };
}

/* Last place in an ascending list whose value is at most `value`; 0 when there is none. */
function lastAtMost(list, value, valueOf = (one) => one) {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (valueOf(list[middle]) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
