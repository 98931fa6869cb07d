/* Joins film, masks, list, panels and keys. */
const data = JSON.parse($('data').textContent);
const index = createFileIndex(data);
const byId = new Map(data.objects.map((object) => [object.id, object]));
const colours = new Map(data.objects.map((object) => [object.id, object.colour]));
/* Long labels would cover the film. */
const shortName = (id) => {
  const name = byId.has(id) ? nameOf(byId.get(id)) : String(id);
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
};
const timeOf = (position) => index.roughTime(position);
const look = { opacity: 0.45, names: true, masks: true, selected: new Set(), hovered: null, solo: new Set(), filterFilm: false };
let listed = new Set(byId.keys());
let here = new Set();

const files = createMaskFiles(data, index, () => player.again());
const filmTime = createFilmTime(data, index, files);
const filmFrames = createFilmFrames($('film').getAttribute('src'));
const painter = createMaskPainter($('masks'), data, (id) => colours.get(id) ?? '#ffffff', shortName);
const thumbnails = createThumbnails(data, filmFrames, filmTime, (id) => {
  list.showThumbnail(id);
  details.showPicture(id);
});
const window_ = createTimeWindow(data.frames, drawTimeLine);
const lanes = createLanes(data, window_);
const ruler = createRuler($('ruler'), data, window_, lanes, timeOf);
const filter = createObjectFilter(data, index.frameTime);
const rowActions = {
  select: (id, isMore) => select(id, isMore),
  solo: (id) => change({ solo: new Set(look.solo.has(id) ? [] : [id]) }),
  hover: (id) => look.hovered !== id && change({ hovered: id }),
  first: (id) => player.goTo(byId.get(id).spans[0]),
  seek: (position) => player.goTo(position),
};
const list = createObjectList({ data, lanes, window_, frameTime: index.frameTime, timeOf, actions: rowActions }, thumbnails);
const joins = createJoinList($('joins'), { data, timeOf, colours, openJoin: (join) => joinView.open(join) });
const joinView = createJoinView({ data, files, filmTime, filmFrames, colours, timeOf, joins, showInFilm: showJoin, onOpen: showJoin });
const details = createObjectDetails($('details'), { data, frameTime: index.frameTime, timeOf, thumbnails, actions: { ...rowActions, openJoin: (join) => joinView.open(join) } });
const panels = createPanels(data, () => {
  lanes.forgetColours();
  drawTimeLine();
});
const player = createPlayer({ data, files, filmTime, onFrame: showFrame });

function showFrame() {
  const frame = player.frame();
  const position = player.shown();
  here = new Set(frame === null ? [] : frame[2].map(([id]) => id));
  repaint();
  $('clock').textContent = clockText(frame?.[1] ?? timeOf(position));
  $('frame').textContent = `frame ${frame?.[0] ?? data.firstFrame + position * data.frameStep}`;
  $('notice').textContent = player.isMissing() ? 'The masks of this part are missing: its file in viewer/ was not found.' : 'Loading masks …';
  $('notice').hidden = frame !== null || data.frames === 0;
  $('play').textContent = player.isPlaying() ? 'Pause' : 'Play';
  if (document.activeElement !== $('seek') || player.isPlaying()) $('seek').value = player.position();
  $('seek').setAttribute('aria-valuetext', clockText(timeOf(position)));
  if (player.isPlaying()) window_.follow(position);
  placeHead();
}

function placeHead() {
  const share = window_.shareOf(player.shown() + 0.5);
  $('head').hidden = share < 0 || share > 1;
  document.documentElement.style.setProperty('--head', String(share));
}

function repaint() {
  const focus = look.hovered !== null ? new Set([look.hovered]) : look.selected;
  painter.paint(player.frame()?.[2] ?? [], { ...look, focus, hidden: (id) => look.filterFilm && !listed.has(id) });
  list.mark(here, look);
  $('all').hidden = look.solo.size === 0 && look.selected.size === 0 && listed.size === data.objects.length;
  $('count').textContent = listed.size === data.objects.length ? `${here.size} of ${data.objects.length} here` : `${listed.size} of ${data.objects.length} listed`;
}

function change(update) {
  Object.assign(look, update);
  repaint();
  if ('selected' in update) details.show(look.selected);
}

function select(id, isMore = false) {
  const selected = new Set(isMore ? look.selected : []);
  if (look.selected.has(id) && (isMore || look.selected.size === 1)) selected.delete(id);
  else selected.add(id);
  change({ selected });
  if (!selected.has(id)) return;
  if (!panels.isPhone()) panels.show('details');
  list.reveal(id);
  const object = byId.get(id);
  $('said').textContent = `Object ${nameOf(object)} selected, first seen at ${clockText(object.firstTime)}`;
}

function showJoin(join) {
  panels.show('joins');
  change({ selected: new Set([join.left.id, join.right.id].filter((id) => byId.has(id))), solo: new Set() });
  const id = join.right.id ?? join.left.id;
  if (id !== null) list.reveal(id);
  window_.show(join.left.position, join.right.position);
  player.goTo(join.right.position);
}

function drawTimeLine() {
  list.redraw();
  ruler.draw();
  placeHead();
  $('zoom-out').disabled = window_.isWhole();
}

function applyFilter() {
  const value = (id) => Number($(id).value);
  const found = filter.list({ search: $('search').value, minSize: value('min-size'), minTime: value('min-time'), minScore: value('min-score'), sort: $('sort').value, here });
  listed = new Set(found.map((object) => object.id));
  $('min-size-text').textContent = value('min-size') === 0 ? 'any' : shareText(filter.sizeOf(value('min-size')));
  $('min-time-text').textContent = value('min-time') === 0 ? 'any' : durationText(filter.timeOf(value('min-time')));
  $('min-score-text').textContent = value('min-score') === 0 ? 'any' : (value('min-score') / 100).toFixed(2);
  const count = ['min-size', 'min-time', 'min-score'].filter((id) => value(id) > 0).length;
  $('more-filters').textContent = count === 0 ? 'Filter' : `Filter (${count})`;
  look.filterFilm = $('filter-film').checked;
  list.set(found);
  repaint();
}

function clearFilter() {
  for (const id of ['min-size', 'min-time', 'min-score']) $(id).value = 0;
  $('search').value = '';
  applyFilter();
}

function choose(by) {
  const objects = list.objects();
  if (objects.length === 0) return;
  const at = objects.findIndex((object) => look.selected.has(object.id));
  const next = objects[at < 0 ? (by > 0 ? 0 : objects.length - 1) : Math.max(0, Math.min(objects.length - 1, at + by))];
  const hadFocus = list.hasFocus();
  if (!look.selected.has(next.id) || look.selected.size > 1) select(next.id);
  if (hadFocus) list.focusRow(next.id);
}

const selectedObject = () => byId.get([...look.selected][0]);

function goToRun(by) {
  const object = selectedObject();
  if (object === undefined) return;
  const starts = object.spans.filter((_, i) => i % 2 === 0);
  const next = by > 0 ? starts.find((start) => start > player.position()) : starts.findLast((start) => start < player.position());
  if (next !== undefined) player.goTo(next);
}

function zoom(by) {
  if (by === 0) window_.whole();
  else window_.zoom(by > 0 ? 2 : 0.5, player.position());
}

createKeys({
  toggle: player.toggle,
  step: player.step,
  seek: player.goTo,
  choose,
  goToEnd(isFirst) {
    const object = selectedObject();
    if (object !== undefined) player.goTo(isFirst ? object.spans[0] : object.spans[object.spans.length - 1] - 1);
  },
  goToRun,
  soloSelected: () => change({ solo: new Set(look.solo.size > 0 ? [] : look.selected) }),
  goToDoubt(by) {
    const next = joins.neighbour(joinView.current(), by, player.position());
    if (next !== null) joinView.open(next);
  },
  flip: (id) => $(id).click(),
  zoom,
  find: () => $('search').focus(),
  clear: () => change({ solo: new Set(), selected: new Set() }),
  help: panels.openHelp,
});

function wire() {
  const { width, height, frames, objects, note } = data;
  $('summary').textContent = [plural(objects.length, 'object'), plural(frames, 'frame'), clockText(filmTime.span), `${width} × ${height}`, note].filter(Boolean).join('  ·  ');
  document.documentElement.style.setProperty('--ratio', width / height);
  $('seek').max = Math.max(0, frames - 1);
  $('seek').oninput = (event) => player.goTo(Number(event.target.value));
  $('play').onclick = player.toggle;
  $('back').onclick = () => player.step(-1);
  $('next').onclick = () => player.step(1);
  $('rate').onchange = (event) => player.setRate(Number(event.target.value));
  $('opacity').oninput = (event) => change({ opacity: Number(event.target.value) });
  $('names').onchange = (event) => change({ names: event.target.checked });
  $('show-masks').onchange = (event) => change({ masks: event.target.checked });
  $('all').onclick = () => {
    clearFilter();
    change({ solo: new Set(), selected: new Set() });
  };
  $('zoom-in').onclick = () => zoom(1);
  $('zoom-out').onclick = () => zoom(-1);
  for (const id of ['search', 'min-size', 'min-time', 'min-score', 'sort', 'filter-film']) $(id).addEventListener('input', applyFilter);
  $('search').addEventListener('keydown', (event) => {
    const [first] = list.objects();
    if (event.key !== 'Enter' || first === undefined) return;
    if (!look.selected.has(first.id) || look.selected.size > 1) select(first.id);
    player.goTo(first.spans[0]);
  });
  $('more-filters').onclick = () => {
    const isOpen = $('objects').classList.toggle('filtering');
    $('more-filters').setAttribute('aria-expanded', String(isOpen));
  };
  $('clear').onclick = clearFilter;
}

function wirePointer() {
  const masks = $('masks');
  masks.onclick = (event) => {
    const id = painter.objectAt(event);
    if (id !== null) select(id, event.shiftKey || event.ctrlKey || event.metaKey);
    else if (look.selected.size > 0) change({ selected: new Set() });
  };
  masks.onpointermove = (event) => {
    if (event.pointerType === 'touch') return;
    const id = painter.objectAt(event);
    masks.style.cursor = id === null ? '' : 'pointer';
    rowActions.hover(id);
  };
  masks.onpointerleave = () => rowActions.hover(null);
  const scrub = (event) => {
    const box = $('ruler').getBoundingClientRect();
    player.goTo(window_.positionAt(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width))));
  };
  $('ruler').onpointerdown = (event) => {
    $('ruler').setPointerCapture(event.pointerId);
    scrub(event);
  };
  $('ruler').onpointermove = (event) => event.buttons & 1 && scrub(event);
  $('list').addEventListener('wheel', (event) => {
    const box = $('ruler').getBoundingClientRect();
    const isOnLanes = event.clientX >= box.left && event.clientX <= box.right;
    if (isOnLanes && (event.ctrlKey || event.metaKey)) window_.zoom(Math.exp(-event.deltaY / 200), window_.positionAt((event.clientX - box.left) / box.width));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) window_.move(((event.deltaX || event.deltaY) / box.width) * (window_.to() - window_.from()));
    else return;
    event.preventDefault();
  }, { passive: false });
}

function drawSigns() {
  const signs = [
    ['run', 'seen'],
    ['gap', 'not seen: hidden or out of the picture'],
    ['border', 'two chunks stitched'],
    ['return', 'lost and recognised (re-identified)'],
    ['doubt', 'doubtful join: look at it'],
    ['seam', 'border between chunks'],
    ['cut', 'scene cut'],
  ];
  $('signs').replaceChildren(...signs.map(([name, text]) => make('li', {}, make('i', { className: `sign ${name}`, 'aria-hidden': 'true' }), text)));
}

new ResizeObserver(() => {
  if (painter.fit()) repaint();
}).observe($('masks'));
new ResizeObserver(() => drawTimeLine()).observe($('list'));
wire();
wirePointer();
drawSigns();
applyFilter();
details.show(look.selected);
panels.restoreTheme();
player.again();
