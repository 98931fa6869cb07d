/* Draws one object's lane: when it is seen, not seen, stitched, recognised, doubted. */
function createLanes(data, window_) {
  let colours = null;
  const doubtsOf = new Map();
  for (const doubt of data.doubts.list) {
    for (const { id, position } of [doubt.left, doubt.right]) {
      if (id === null) continue;
      if (!doubtsOf.has(id)) doubtsOf.set(id, []);
      doubtsOf.get(id).push(position);
    }
  }

  function themeColours() {
    if (colours !== null) return colours;
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    colours = { ink: read('--ink'), soft: read('--soft'), lane: read('--lane'), panel: read('--panel'), warn: read('--warn'), cut: read('--cut'), accent: read('--accent') };
    return colours;
  }

  /** A canvas made as sharp as the screen; null when it is not shown. */
  function prepare(canvas) {
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (width === 0 || height === 0) return null;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext('2d');
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return { context, width, height };
  }

  /** Calls `draw` with the x of every position inside the window that is at least `apart` pixels from the one before. */
  function spread(positions, width, apart, draw) {
    let before = -Infinity;
    for (const position of positions) {
      const x = window_.shareOf(position) * width;
      if (x < 0 || x > width || x - before < apart) continue;
      before = x;
      draw(x, position);
    }
  }

  function drawMarks(context, width, height, apart) {
    const { soft, cut } = themeColours();
    context.strokeStyle = soft;
    context.globalAlpha = 0.5;
    context.setLineDash([2, 3]);
    context.lineWidth = 1;
    spread(data.seams, width, apart, (x) => line(context, x, 0, height));
    context.setLineDash([]);
    context.globalAlpha = 0.9;
    context.strokeStyle = cut;
    spread(data.sceneCuts, width, 3, (x) => line(context, x, 0, height));
    context.globalAlpha = 1;
  }

  function drawRuns(context, object, width, height) {
    const { spans, colour } = object;
    const middle = height / 2;
    const { ink } = themeColours();
    for (let i = 0; i < spans.length; i += 2) {
      const x = window_.shareOf(spans[i]) * width;
      const end = window_.shareOf(spans[i + 1]) * width;
      const next = i + 2 < spans.length ? window_.shareOf(spans[i + 2]) * width : end;
      if (next < 0 || x > width) continue;
      if (next > end) {
        context.strokeStyle = ink;
        context.globalAlpha = 0.45;
        context.setLineDash([1, 2]);
        context.beginPath();
        context.moveTo(Math.max(-4, end), middle);
        context.lineTo(Math.min(width + 4, next), middle);
        context.stroke();
        context.setLineDash([]);
        context.globalAlpha = 1;
      }
      if (end < 0) continue;
      const left = Math.max(-4, x);
      context.fillStyle = colour;
      context.fillRect(left, middle - 7, Math.max(1.5, Math.min(width + 4, end) - left), 14);
      context.strokeStyle = ink;
      context.globalAlpha = 0.3;
      if (end - x > 4) context.strokeRect(left + 0.5, middle - 6.5, Math.min(width + 4, end) - left - 1, 13);
      context.globalAlpha = 1;
    }
  }

  function drawEvents(context, object, width, height) {
    const { ink, panel, warn } = themeColours();
    const middle = height / 2;
    const borders = object.borders.filter((_, i) => i % 2 === 0);
    spread(borders, width, 5, (x) => {
      context.fillStyle = panel;
      context.fillRect(x - 2, middle - 9, 4, 18);
      context.fillStyle = ink;
      context.fillRect(x - 1, middle - 9, 2, 18);
    });
    for (let i = 0; i < object.returns.length; i += 2) {
      const x = window_.shareOf(object.returns[i]) * width;
      const end = window_.shareOf(object.returns[i + 1]) * width;
      if (end < 0 || x > width) continue;
      context.strokeStyle = ink;
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(x, middle);
      context.quadraticCurveTo((x + end) / 2, middle - height * 0.9, end, middle);
      context.stroke();
      context.lineWidth = 1;
      diamond(context, end, middle, 5, panel, ink);
    }
    spread(doubtsOf.get(object.id) ?? [], width, 4, (x) => {
      context.fillStyle = warn;
      context.beginPath();
      context.moveTo(x - 5, 0);
      context.lineTo(x + 5, 0);
      context.lineTo(x, 8);
      context.fill();
    });
  }

  function line(context, x, from, to) {
    context.beginPath();
    context.moveTo(Math.round(x) + 0.5, from);
    context.lineTo(Math.round(x) + 0.5, to);
    context.stroke();
  }

  function diamond(context, x, y, size, fill, stroke) {
    context.beginPath();
    context.moveTo(x, y - size);
    context.lineTo(x + size, y);
    context.lineTo(x, y + size);
    context.lineTo(x - size, y);
    context.closePath();
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = stroke;
    context.stroke();
  }

  return {
    prepare,
    spread,
    line,
    colours: themeColours,
    /** Forget colours read from the style, after the theme changed. */
    forgetColours() {
      colours = null;
    },
    draw(canvas, object) {
      const prepared = prepare(canvas);
      if (prepared === null) return;
      const { context, width, height } = prepared;
      context.fillStyle = themeColours().lane;
      context.fillRect(0, 2, width, height - 4);
      drawMarks(context, width, height, 6);
      drawRuns(context, object, width, height);
      drawEvents(context, object, width, height);
    },
    /** What lies at a position of a lane, in words. */
    wordsAt(object, position, timeText, reach) {
      const near = (list, step) => list.findIndex((at, i) => i % step === 0 && Math.abs(at - position) <= reach);
      const border = near(object.borders, 2);
      if ((doubtsOf.get(object.id) ?? []).some((at) => Math.abs(at - position) <= reach)) return `${timeText}: doubtful join, see Joins`;
      if (border >= 0) return `${timeText}: stitched border, ${object.borders[border + 1]} % overlap`;
      for (let i = 0; i < object.returns.length; i += 2)
        if (position >= object.returns[i] - reach && position <= object.returns[i + 1] + reach) return `${timeText}: lost, recognised later`;
      const { spans } = object;
      for (let i = 0; i < spans.length; i += 2) if (position >= spans[i] && position < spans[i + 1]) return `${timeText}: seen`;
      return position < spans[0] || position >= spans[spans.length - 1] ? `${timeText}: not there` : `${timeText}: not seen (hidden or out of the picture)`;
    },
  };
}
