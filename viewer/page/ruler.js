/* The scale above the lanes: time, chunk borders, scene cuts, doubts. */
function createRuler(canvas, data, window_, lanes, timeOf) {
  const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const doubts = data.doubts.list.map(({ right }) => right.position).sort((a, b) => a - b);

  function drawTicks(context, width, height, ink) {
    const first = timeOf(window_.from());
    const last = Math.max(first + 1e-3, timeOf(window_.to()));
    const step = STEPS.find((one) => (one / (last - first)) * width >= 64) ?? 3600;
    context.fillStyle = ink;
    context.strokeStyle = ink;
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    const start = Math.ceil(first / step - 1e-6);
    for (let k = start; k * step <= last; k++) {
      const x = ((k * step - first) / (last - first)) * width;
      lanes.line(context, x, height - 6, height);
      const text = clockText(k * step).replace(/\.0$/, '');
      const wide = context.measureText(text).width;
      if (x + 3 + wide <= width) context.fillText(text, x + 3, height / 2 + 1);
    }
  }

  return {
    draw() {
      const prepared = lanes.prepare(canvas);
      if (prepared === null) return;
      const { context, width, height } = prepared;
      const { soft, cut, warn } = lanes.colours();
      drawTicks(context, width, height, soft);
      context.setLineDash([2, 3]);
      context.strokeStyle = soft;
      lanes.spread(data.seams, width, 6, (x) => lanes.line(context, x, 0, height));
      context.setLineDash([]);
      context.strokeStyle = cut;
      context.fillStyle = cut;
      lanes.spread(data.sceneCuts, width, 3, (x) => {
        context.fillRect(x - 3, 0, 6, 4);
        lanes.line(context, x, 0, height);
      });
      context.fillStyle = warn;
      lanes.spread(doubts, width, 4, (x) => {
        context.beginPath();
        context.moveTo(x - 5, height - 9);
        context.lineTo(x + 5, height - 9);
        context.lineTo(x, height - 1);
        context.fill();
      });
    },
  };
}
