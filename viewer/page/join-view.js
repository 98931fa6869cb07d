/* Both sides of a join beside each other: the frame before and the frame after, each with its masks. */
function createJoinView({ data, files, filmTime, filmFrames, colours, timeOf, joins, showInFilm, onOpen }) {
  const dialog = $('join');
  let current = null;
  let turn = 0;

  const bounds = { left: 0, top: 0, right: data.width, bottom: data.height };

  /** Box of run lengths in mask pixels. */
  function boxOf(runs) {
    let [position, left, top, right, bottom] = [0, Infinity, Infinity, -1, -1];
    for (let i = 0; i + 1 < runs.length; i += 2) {
      position += runs[i];
      if (runs[i + 1] > 0) {
        const end = position + runs[i + 1] - 1;
        const [x, endX] = [Math.floor(position / data.height), Math.floor(end / data.height)];
        left = Math.min(left, x);
        right = Math.max(right, endX + 1);
        const isWhole = endX > x;
        top = Math.min(top, isWhole ? 0 : position - x * data.height);
        bottom = Math.max(bottom, isWhole ? data.height : end - x * data.height + 1);
      }
      position += runs[i + 1];
    }
    return right < 0 ? null : { left, top, right, bottom };
  }

  /** The part of the picture that shows both sides, with room around, as wide to high as the picture. */
  function closeUp(frames, ids) {
    let box = null;
    for (const frame of frames) {
      for (const [id, , , counts] of frame?.[2] ?? []) {
        const one = ids.has(id) ? boxOf(decodeRuns(counts)) : null;
        if (one !== null) box = box === null ? one : { left: Math.min(box.left, one.left), top: Math.min(box.top, one.top), right: Math.max(box.right, one.right), bottom: Math.max(box.bottom, one.bottom) };
      }
    }
    if (box === null) return bounds;
    const share = Math.min(1, Math.max((box.right - box.left) / data.width, (box.bottom - box.top) / data.height, 0.08) * 1.6);
    const [width, height] = [data.width * share, data.height * share];
    const left = Math.max(0, Math.min(data.width - width, (box.left + box.right - width) / 2));
    const top = Math.max(0, Math.min(data.height - height, (box.top + box.bottom - height) / 2));
    return { left, top, right: left + width, bottom: top + height };
  }

  function drawSide(canvas, side, other, frame, part, video) {
    const scale = Math.min(2, window.devicePixelRatio || 1);
    const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale)));
    const height = (canvas.height = Math.max(1, Math.round((width * data.height) / data.width)));
    const context = canvas.getContext('2d');
    const [x, y, w, h] = [part.left, part.top, part.right - part.left, part.bottom - part.top];
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    if (video !== null) {
      const filmScale = video.videoWidth / data.width;
      context.drawImage(video, x * filmScale, y * filmScale, w * filmScale, h * filmScale, 0, 0, width, height);
    }
    const raster = createMaskRaster(data.height, width, height, [x, y, w, h]);
    const wanted = (frame?.[2] ?? []).filter(([id]) => id === side.id || id === other.id);
    const fills = new Uint32Array(3);
    const lines = new Uint32Array(3);
    const middles = wanted.map(([id, , , counts], i) => {
      fills[i + 1] = pixelOf(colours.get(id), 100);
      lines[i + 1] = pixelOf(colours.get(id), 255);
      return raster.fill(decodeRuns(counts), i + 1);
    });
    // Masks go over the film by way of a canvas of their own: what was drawn from the film cannot be read back.
    const layer = make('canvas', { width, height });
    const image = layer.getContext('2d').createImageData(width, height);
    labelsToPixels(raster.labels, width, height, new Uint32Array(image.data.buffer), fills, lines, Math.max(2, Math.round(width / 300)));
    layer.getContext('2d').putImageData(image, 0, 0);
    context.drawImage(layer, 0, 0);
    context.font = `600 ${14 * scale}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 4 * scale;
    wanted.forEach(([id], i) => {
      if (middles[i] === null) return;
      context.strokeStyle = 'rgba(0,0,0,.78)';
      context.strokeText(id, middles[i].x, middles[i].y);
      context.fillStyle = '#fff';
      context.fillText(id, middles[i].x, middles[i].y);
    });
    return wanted.some(([id]) => id === side.id);
  }

  async function draw() {
    const mine = ++turn;
    const { left, right } = current;
    const pairs = [[left, right, $('join-left'), $('join-left-text'), 'before'], [right, left, $('join-right'), $('join-right-text'), 'after']];
    const frames = await Promise.all(pairs.map(([side]) => files.whenFrame(side.position)));
    if (mine !== turn) return;
    const part = $('join-near').checked ? closeUp(frames, new Set([left.id, right.id])) : bounds;
    pairs.forEach(([side, other, canvas, text, word], i) => {
      const number = frames[i]?.[0] ?? data.firstFrame + side.position * data.frameStep;
      const isThere = drawSide(canvas, side, other, frames[i], part, null);
      const what = side.id === null ? 'a piece without an ID' : isThere ? `object ${side.id}` : `object ${side.id} is not on this frame`;
      text.textContent = `${word}: ${what} · ${clockText(frames[i]?.[1] ?? timeOf(side.position))} · frame ${number}`;
      canvas.setAttribute('aria-label', text.textContent);
      void filmFrames.grab(filmTime.middleOf(side.position, frames[i]?.[1]), (video) => mine === turn && drawSide(canvas, side, other, frames[i], part, video), { isUrgent: true });
    });
  }

  /** What the person who looks has to judge. */
  function questionOf({ left, right }) {
    if (left.id === null || right.id === null) return 'One side has no ID.';
    return left.id === right.id ? 'One ID: is it one object on both sides?' : 'Two IDs: are they two objects?';
  }

  function open(join) {
    current = join;
    joins.mark(join);
    $('join-title').textContent = `${sideText(join.left)} → ${sideText(join.right)}: ${decisionText(join)} at ${clockText(timeOf(join.right.position))}`;
    $('join-why').textContent = `${questionOf(join)} Reason: ${join.reason}`;
    $('join-facts').replaceChildren(...join.evidence.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, numberText(value)))));
    onOpen(join);
    if (!dialog.open) dialog.showModal();
    void draw();
  }

  function move(by) {
    const next = joins.neighbour(current, by, current.right.position);
    if (next !== null) open(next);
  }

  $('join-close').onclick = () => dialog.close();
  $('join-film').onclick = () => {
    dialog.close();
    showInFilm(current);
  };
  $('join-before').onclick = () => move(-1);
  $('join-after').onclick = () => move(1);
  $('join-near').onchange = () => void draw();
  $('join-before').hidden = $('join-after').hidden = data.doubts.list.length === 0;
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  window.addEventListener('resize', () => dialog.open && void draw());
  return { open, move, isOpen: () => dialog.open, current: () => current };
}
