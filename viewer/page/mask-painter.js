/* Draws the masks of one frame on a canvas at up to 960 pixels, from run lengths, and answers what lies under the pointer. */
function createMaskPainter(canvas, data, colourOf) {
  const scale = Math.min(1, 960 / Math.max(data.width, data.height));
  const width = (canvas.width = Math.max(1, Math.round(data.width * scale)));
  const height = (canvas.height = Math.max(1, Math.round(data.height * scale)));
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const labels = new Uint16Array(width * height);
  /* Canvas column that samples each mask column, or -1. */
  const columnOf = new Int32Array(data.width).fill(-1);
  for (let x = 0; x < width; x++) columnOf[Math.min(data.width - 1, Math.floor(((x + 0.5) * data.width) / width))] = x;
  const rowScale = height / data.height;
  let shown = [];

  function fillRuns(runs, label) {
    const rows = data.height;
    let position = 0;
    let sumX = 0;
    let sumY = 0;
    let count = 0;
    for (let i = 0; i + 1 < runs.length; i += 2) {
      position += runs[i];
      let left = runs[i + 1];
      let x = Math.floor(position / rows);
      let y = position - x * rows;
      position += left;
      while (left > 0) {
        const length = Math.min(left, rows - y);
        const column = columnOf[x];
        if (column >= 0) {
          const from = Math.max(0, Math.ceil(y * rowScale - 0.5));
          const to = Math.min(height, Math.ceil((y + length) * rowScale - 0.5));
          if (to > from) {
            labels.fill(label, column * height + from, column * height + to);
            sumX += column * (to - from);
            sumY += ((from + to) / 2) * (to - from);
            count += to - from;
          }
        }
        left -= length;
        x++;
        y = 0;
      }
    }
    return count === 0 ? null : { x: sumX / count, y: sumY / count };
  }

  function tint(hex, alpha) {
    const value = parseInt(hex.slice(1), 16);
    return ((alpha << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
  }

  /** objects: [[id, score, area, counts], …] larger first. look: { opacity, names, selected, hovered, solo }. */
  function paint(objects, look) {
    labels.fill(0);
    pixels.fill(0);
    shown = look.solo === null ? objects : objects.filter((object) => object[0] === look.solo);
    const focus = look.hovered ?? look.selected;
    const fills = new Uint32Array(shown.length + 1);
    const lines = new Uint32Array(shown.length + 1);
    const centres = shown.map((object, i) => {
      const [id, , , counts] = object;
      object.runs ??= decodeRuns(counts);
      const faded = focus !== null && focus !== id;
      fills[i + 1] = tint(colourOf(id), Math.round(255 * look.opacity * (faded ? 0.3 : focus === id ? 1.25 : 1)) & 255);
      lines[i + 1] = tint(colourOf(id), faded ? 90 : 255);
      return fillRuns(object.runs, i + 1);
    });
    for (let x = 0; x < width; x++) {
      for (let y = 0, at = x * height; y < height; y++, at++) {
        const label = labels[at];
        if (label === 0) continue;
        const edge =
          (y > 0 && labels[at - 1] !== label) || (y + 1 < height && labels[at + 1] !== label) ||
          (x > 0 && labels[at - height] !== label) || (x + 1 < width && labels[at + height] !== label);
        pixels[y * width + x] = edge ? lines[label] : fills[label];
      }
    }
    context.putImageData(image, 0, 0);
    if (look.names) drawNames(centres, focus);
  }

  function drawNames(centres, focus) {
    const shownWidth = canvas.clientWidth || width;
    const size = Math.max(9, Math.round((12 * width) / shownWidth));
    context.font = `600 ${size}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    shown.forEach((object, i) => {
      const centre = centres[i];
      if (centre === null || (focus !== null && focus !== object[0])) return;
      context.lineWidth = size / 3.5;
      context.strokeStyle = 'rgba(0,0,0,.75)';
      context.strokeText(object[0], centre.x, centre.y);
      context.fillStyle = '#fff';
      context.fillText(object[0], centre.x, centre.y);
    });
  }

  /** ID of the topmost object at a pointer event, or null. */
  function objectAt(event) {
    const box = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * height);
    if (x < 0 || y < 0 || x >= width || y >= height) return null;
    const label = labels[x * height + y];
    return label === 0 ? null : shown[label - 1][0];
  }

  return { paint, objectAt };
}
