/* Which objects are listed, and in what order. */
function createObjectFilter(data, frameTime) {
  const area = data.width * data.height;
  /* Sizes span several powers of ten: the slider runs over their logarithm, from 0.001 % to all of the picture. */
  const sizeOf = (value) => (value === 0 ? 0 : 10 ** (-5 + (value / 100) * 5));
  const longest = Math.max(frameTime, ...data.objects.map((object) => object.frames * frameTime));
  const timeOf = (value) => (value === 0 ? 0 : frameTime * (longest / frameTime) ** (value / 100));

  /* "7", "3-9, 12" choose by ID; anything else by label. */
  function matcherOf(text) {
    const wanted = text.trim().toLowerCase();
    if (wanted === '') return () => true;
    if (/^[\d\s,\-–]+$/.test(wanted)) {
      const ranges = wanted.split(/[\s,]+/).filter((part) => part !== '').map((part) => {
        const [from, to] = part.split(/[-–]/);
        return [Number(from), to === undefined || to === '' ? Number(from) : Number(to)];
      });
      return (object) => ranges.some(([from, to]) => object.id >= from && object.id <= to);
    }
    return (object) => object.label.toLowerCase().includes(wanted);
  }

  const ORDERS = {
    id: (a, b) => a.id - b.id,
    first: (a, b) => a.firstTime - b.firstTime || a.id - b.id,
    time: (a, b) => b.frames - a.frames || a.id - b.id,
    size: (a, b) => b.meanArea - a.meanArea || a.id - b.id,
    score: (a, b) => a.meanScore - b.meanScore || a.id - b.id,
  };

  return {
    sizeOf,
    timeOf,
    /** wanted: { search, minSize, minTime, minScore (slider values 0..100), sort, here: Set of IDs in this frame }. */
    list({ search, minSize, minTime, minScore, sort, here }) {
      const isWanted = matcherOf(search);
      const [size, time, score] = [sizeOf(minSize), timeOf(minTime), minScore / 100];
      const found = data.objects.filter((object) => isWanted(object) && object.meanArea / area >= size && object.frames * frameTime >= time - 1e-9 && object.meanScore >= score);
      if (sort === 'here') return found.sort((a, b) => Number(here.has(b.id)) - Number(here.has(a.id)) || a.id - b.id);
      return found.sort(ORDERS[sort] ?? ORDERS.id);
    },
  };
}
