/* One row of the list. Rows are made when they scroll into sight and thrown away when they leave it. */
function createObjectRow(object, { data, lanes, window_, frameTime, timeOf, actions }) {
  const area = data.width * data.height;
  const picture = make('canvas', { className: 'thumbnail', width: 72, height: 72, 'aria-hidden': 'true' });
  const meta = `${durationText(object.frames * frameTime)} · ${shareText(object.meanArea / area)}`;
  const name = make('button', { className: 'name', tabIndex: -1, 'aria-pressed': 'false' }, picture, make('i'), make('span', { className: 'words' }, make('b', {}, make('bdi', {}, nameOf(object))), make('small', {}, meta)));
  name.querySelector('i').style.background = object.colour;
  name.setAttribute('aria-label', `Object ${nameOf(object)}, first seen at ${clockText(object.firstTime)}, seen for ${durationText(object.frames * frameTime)}, ${shareText(object.meanArea / area)} of the picture, score ${object.meanScore.toFixed(2)}`);
  name.title = `Object ${nameOf(object)}: ${clockText(object.firstTime)} – ${clockText(object.lastTime)}, ${plural(object.frames, 'frame')}, score ${object.meanScore.toFixed(2)}`;
  const lane = make('canvas', { className: 'lane', 'aria-hidden': 'true' });
  const solo = make('button', { className: 'solo', tabIndex: -1, 'aria-pressed': 'false', 'aria-label': `Show only object ${object.id}`, title: 'Show only this one (s)' }, 'solo');
  const row = make('li', { className: 'row' }, name, lane, solo);
  row.dataset.id = object.id;

  name.onclick = (event) => actions.select(object.id, event.shiftKey || event.ctrlKey || event.metaKey);
  name.ondblclick = () => actions.first(object.id);
  solo.onclick = () => actions.solo(object.id);
  row.onpointerenter = (event) => event.pointerType !== 'touch' && actions.hover(object.id);
  row.onpointerleave = () => actions.hover(null);
  const positionAt = (event) => {
    const box = lane.getBoundingClientRect();
    return window_.positionAt(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)));
  };
  lane.onpointerdown = (event) => {
    if (event.button !== 0) return;
    lane.setPointerCapture(event.pointerId);
    actions.seek(positionAt(event));
  };
  lane.onpointermove = (event) => {
    const position = positionAt(event);
    if (event.buttons & 1 && lane.hasPointerCapture(event.pointerId)) actions.seek(position);
    else lane.title = lanes.wordsAt(object, position, clockText(timeOf(position)), (4 / Math.max(1, lane.clientWidth)) * (window_.to() - window_.from()));
  };

  return {
    element: row,
    object,
    drawLane: () => lanes.draw(lane, object),
    drawThumbnail(source) {
      const context = picture.getContext('2d');
      context.clearRect(0, 0, picture.width, picture.height);
      if (source !== null) context.drawImage(source, 0, 0, picture.width, picture.height);
    },
    mark({ isNow, isSelected, isHovered, isSolo, isTabStop }) {
      row.classList.toggle('now', isNow);
      row.classList.toggle('selected', isSelected);
      row.classList.toggle('hovered', isHovered);
      name.setAttribute('aria-pressed', String(isSelected));
      solo.setAttribute('aria-pressed', String(isSolo));
      name.tabIndex = solo.tabIndex = isTabStop ? 0 : -1;
    },
  };
}
