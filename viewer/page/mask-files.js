/*
 * Masks near the play head. A page opened from disk may not fetch() its neighbours, but it may load them as scripts: each
 * viewer/masks-00000.js calls vamgMasks(index, frames). A few files are kept, the rest is dropped again.
 */
function createMaskFiles(data, onLoaded) {
  const KEEP = 6;
  const loaded = new Map();
  const pending = new Set();
  const failed = new Set();
  window.vamgMasks = (index, frames) => {
    loaded.set(index, frames);
  };
  function load(index) {
    if (index < 0 || index >= data.fileTimes.length || loaded.has(index) || pending.has(index) || failed.has(index)) return;
    pending.add(index);
    const script = document.createElement('script');
    script.src = `viewer/masks-${String(index).padStart(5, '0')}.js`;
    script.onload = () => finish(false);
    script.onerror = () => finish(true);
    function finish(isError) {
      script.remove();
      pending.delete(index);
      if (isError) failed.add(index);
      for (const key of loaded.keys()) {
        if (loaded.size <= KEEP) break;
        if (Math.abs(key - index) > 2) loaded.delete(key);
      }
      onLoaded(index, isError);
    }
    document.head.append(script);
  }
  return {
    /** Frame at a position, or null while its file is being loaded; also loads the neighbours. */
    frameAt(position) {
      const index = Math.floor(position / data.framesPerFile);
      const frames = loaded.get(index);
      load(index);
      const inside = position - index * data.framesPerFile;
      if (inside > data.framesPerFile * 0.6) load(index + 1);
      if (inside < data.framesPerFile * 0.2) load(index - 1);
      return frames === undefined ? null : (frames[inside] ?? null);
    },
    /** Position shown at `time` (seconds since the first frame's time base), or null while that file is being loaded. */
    positionAt(time) {
      let index = 0;
      let high = data.fileTimes.length - 1;
      while (index < high) {
        const middle = (index + high + 1) >> 1;
        if (data.fileTimes[middle] <= time) index = middle;
        else high = middle - 1;
      }
      const frames = loaded.get(index);
      load(index);
      if (failed.has(index)) return index * data.framesPerFile;
      if (frames === undefined) return null;
      let low = 0;
      let top = frames.length - 1;
      while (low < top) {
        const middle = (low + top + 1) >> 1;
        if (frames[middle][1] <= time) low = middle;
        else top = middle - 1;
      }
      return index * data.framesPerFile + low;
    },
    isFailed: (position) => failed.has(Math.floor(position / data.framesPerFile)),
  };
}
