/*
 * Masks near the play head. A page opened from disk may not fetch() its neighbours, but it may load them as scripts: each
 * viewer/masks-00000.js calls vamgMasks(index, frames). A few files are kept, the rest is dropped again.
 */
function createMaskFiles(data, index, onLoaded) {
  const KEEP = 6;
  const loaded = new Map();
  const pending = new Map();
  const failed = new Set();
  window.vamgMasks = (number, frames) => {
    if (pending.has(number)) loaded.set(number, frames);
  };
  /** Loads a file; resolves when it is there or cannot be had. */
  function load(number) {
    if (number < 0 || number >= index.count || loaded.has(number) || failed.has(number)) return Promise.resolve();
    const known = pending.get(number);
    if (known !== undefined) return known;
    const promise = new Promise((resolve) => {
      const script = document.createElement('script');
      script.src = `viewer/masks-${String(number).padStart(5, '0')}.js`;
      script.onload = script.onerror = () => {
        script.remove();
        pending.delete(number);
        if (!loaded.has(number)) failed.add(number);
        forget(number);
        onLoaded(number);
        resolve();
      };
      document.head.append(script);
    });
    pending.set(number, promise);
    return promise;
  }
  /** Keeps the files used last. */
  function forget(newest) {
    for (const key of loaded.keys()) {
      if (loaded.size <= KEEP) break;
      if (key !== newest) loaded.delete(key);
    }
  }
  /** The frames of a loaded file, which counts as used by this. */
  function framesOf(number) {
    const frames = loaded.get(number);
    if (frames !== undefined) {
      loaded.delete(number);
      loaded.set(number, frames);
    }
    return frames;
  }
  function frameAt(position) {
    const number = index.fileOfPosition(position);
    return framesOf(number)?.[position - index.startOf(number)] ?? null;
  }
  return {
    /** [frame, time, objects] of a position, or null when it is not loaded. */
    frameAt,
    /** The same, loaded first; null when its file is missing. */
    async whenFrame(position) {
      await load(index.fileOfPosition(position));
      return frameAt(position);
    },
    /** Loads the file of a position, and the one that playing on (or back) needs next. */
    need(position) {
      const number = index.fileOfPosition(position);
      void load(number);
      const start = index.startOf(number);
      const end = number + 1 < index.count ? index.startOf(number + 1) : data.frames;
      const share = (position - start) / Math.max(1, end - start);
      if (share > 0.4) void load(number + 1);
      else if (share < 0.1) void load(number - 1);
    },
    /** Position shown at a time in seconds, or null while that file is not loaded. */
    positionAt(time) {
      const number = index.fileOfTime(time);
      const frames = framesOf(number);
      return frames === undefined ? null : index.startOf(number) + lastAtMost(frames, time, (frame) => frame[1]);
    },
    isFailed: (position) => failed.has(index.fileOfPosition(position)),
  };
}
