/* Draws the masks of one frame over the film, and answers what lies under the pointer. */
function createMaskPainter(canvas, data, colourOf, nameOfId) {
  const MOST = 1600;
  const context = canvas.getContext('2d');
  let raster = null;
  let hits = null;
  let image = null;
  let pixels = null;
  let shown = [];

  /** Fits the canvas to the size at which it is shown. Returns whether that changed anything. */
  function fit() {
    const shownWidth = Math.max(1, canvas.clientWidth) * Math.min(2, window.devicePixelRatio || 1);
    const scale = Math.min(MOST / Math.max(data.width, data.height), shownWidth / data.width);
    const width = Math.max(1, Math.round(data.width * scale));
    const height = Math.max(1, Math.round(data.height * scale));
    if (raster !== null && raster.width === width && raster.height === height) return false;
    canvas.width = width;
    canvas.height = height;
    raster = createMaskRaster(data.height, width, height, [0, 0, data.width, data.height]);
    hits = new Uint16Array(width * height);
    image = context.createImageData(width, height);
    pixels = new Uint32Array(image.data.buffer);
    return true;
  }

  /**
   * objects: [[id, score, area, counts], …] larger first. look: { opacity, names, masks, focus: Set, solo: Set, hidden(id) }; what is in
   * focus is drawn whole, over its parts.
   */
  function paint(objects, look) {
    if (raster === null) fit();
    const { width, height, labels } = raster;
    labels.fill(0);
    pixels.fill(0);
    shown = look.masks ? objects.filter(([id]) => (look.solo.size === 0 || look.solo.has(id)) && !look.hidden(id)).slice(0, 65535) : [];
    const hasFocus = look.focus.size > 0;
    const fills = new Uint32Array(shown.length + 1);
    const lines = new Uint32Array(shown.length + 1);
    const runsOf = shown.map((object) => decodeRuns(object[3]));
    const middles = shown.map(([id], i) => {
      const isFaded = hasFocus && !look.focus.has(id);
      fills[i + 1] = pixelOf(colourOf(id), Math.min(255, Math.round(255 * look.opacity * (isFaded ? 0.3 : hasFocus ? 1.3 : 1))));
      lines[i + 1] = pixelOf(colourOf(id), isFaded ? 90 : 255);
      return raster.fill(runsOf[i], i + 1);
    });
    hits.set(labels);
    if (hasFocus) shown.forEach(([id], i) => look.focus.has(id) && raster.fill(runsOf[i], i + 1));
    labelsToPixels(labels, width, height, pixels, fills, lines, Math.max(1, Math.round(width / 800)));
    context.putImageData(image, 0, 0);
    if (look.names) drawNames(middles, look.focus);
  }

  function drawNames(middles, focus) {
    const size = Math.max(9, Math.round((12 * canvas.width) / Math.max(1, canvas.clientWidth)));
    context.font = `600 ${size}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineWidth = size / 3.5;
    const placed = [];
    /* Where a name fits: in the middle, else a line above or below, else beside; in the middle if it fits nowhere. */
    const place = (x, y, wide) => {
      for (const [dx, dy] of [[0, 0], [0, -size], [0, size], [wide + 2, 0], [-wide - 2, 0]]) {
        const box = [x + dx - wide / 2, y + dy - size / 2, x + dx + wide / 2, y + dy + size / 2];
        if (placed.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
        placed.push(box);
        return [x + dx, y + dy];
      }
      return [x, y];
    };
    shown.forEach(([id], i) => {
      const middle = middles[i];
      if (middle === null || (focus.size > 0 && !focus.has(id))) return;
      const isInside = raster.labels[Math.floor(middle.x) * raster.height + Math.floor(middle.y)] === i + 1;
      const spot = isInside ? middle : middle.inside;
      const name = nameOfId(id);
      const wide = context.measureText(name).width;
      const half = Math.min(canvas.width / 2, wide / 2 + 2);
      const [x, y] = place(Math.max(half, Math.min(canvas.width - half, spot.x)), Math.max(size / 2, Math.min(canvas.height - size / 2, spot.y)), wide);
      context.strokeStyle = 'rgba(0,0,0,.78)';
      context.strokeText(name, x, y);
      context.fillStyle = '#fff';
      context.fillText(name, x, y);
    });
  }

  /** ID of the topmost object at a pointer event, or null. */
  function objectAt(event) {
    if (raster === null) return null;
    const box = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * raster.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * raster.height);
    if (x < 0 || y < 0 || x >= raster.width || y >= raster.height) return null;
    const label = hits[x * raster.height + y];
    return label === 0 ? null : shown[label - 1][0];
  }

  return { fit, paint, objectAt };
}
