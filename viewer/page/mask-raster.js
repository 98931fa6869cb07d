/*
 * Labels of one canvas, column by column as the run lengths are. `window` is the part of the mask plane that the canvas shows, in mask
 * pixels: [left, top, width, height]. Every canvas pixel takes the mask pixel under its centre, so borders stay crisp at any size.
 */
function createMaskRaster(maskHeight, width, height, [left, top, spanX, spanY]) {
  const labels = new Uint16Array(width * height);
  const clamp = (value, most) => (value < 0 ? 0 : value > most ? most : value);
  const columnFrom = (x) => clamp(Math.ceil(((x - left) * width) / spanX - 0.5), width);
  const rowFrom = (y) => clamp(Math.ceil(((y - top) * height) / spanY - 0.5), height);
  return {
    width,
    height,
    labels,
    /**
     * Paints run lengths with a label. Returns the middle of what was painted, in canvas pixels, and the middle of its longest
     * column, which is inside for certain; null when nothing was.
     */
    fill(runs, label) {
      let position = 0;
      let sumX = 0;
      let sumY = 0;
      let count = 0;
      let longest = 0;
      let inside = null;
      for (let i = 0; i + 1 < runs.length; i += 2) {
        position += runs[i];
        let rest = runs[i + 1];
        let x = Math.floor(position / maskHeight);
        let y = position - x * maskHeight;
        position += rest;
        while (rest > 0) {
          const length = Math.min(rest, maskHeight - y);
          const from = rowFrom(y);
          const to = rowFrom(y + length);
          const last = columnFrom(x + 1);
          if (to > from) {
            for (let column = columnFrom(x); column < last; column++) {
              labels.fill(label, column * height + from, column * height + to);
              const painted = to - from;
              sumX += column * painted;
              sumY += ((from + to) / 2) * painted;
              count += painted;
              if (painted > longest) {
                longest = painted;
                inside = { x: column, y: (from + to) >> 1 };
              }
            }
          }
          rest -= length;
          x++;
          y = 0;
        }
      }
      return count === 0 ? null : { x: sumX / count, y: sumY / count, inside };
    },
  };
}

/** A colour "#rrggbb" and 0..255 of opacity as one pixel of ImageData (little-endian). */
function pixelOf(hex, alpha) {
  const value = parseInt(hex.slice(1), 16);
  return ((alpha << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** Turns labels into pixels: `fills` and `lines` are pixels by label, `thickness` that of the contour in canvas pixels. */
function labelsToPixels(labels, width, height, pixels, fills, lines, thickness) {
  const far = thickness * height;
  for (let x = 0; x < width; x++) {
    const hasLeft = x >= thickness;
    const hasRight = x + thickness < width;
    for (let y = 0, at = x * height; y < height; y++, at++) {
      const label = labels[at];
      if (label === 0) continue;
      const isEdge =
        (y >= thickness && labels[at - thickness] !== label) || (y + thickness < height && labels[at + thickness] !== label) ||
        (hasLeft && labels[at - far] !== label) || (hasRight && labels[at + far] !== label);
      pixels[y * width + x] = isEdge ? lines[label] : fills[label];
    }
  }
}
