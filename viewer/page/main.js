/* Joins film, masks, rows and keys. */
const data = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);
const startTime = data.fileTimes[0] ?? 0;
const colours = new Map(data.objects.map((object) => [object.id, object.colour]));
const look = { opacity: 0.45, names: true, selected: null, hovered: null, solo: null };
const span = Math.max(0.001, data.lastTime - startTime) * (data.frames / Math.max(1, data.frames - 1));
let position = 0;
let mediaTime = 0;
let objects = [];

const painter = createMaskPainter($('masks'), data, (id) => colours.get(id) ?? '#ffffff');
const files = createMaskFiles(data, () => show(mediaTime));
const rows = createObjectRows($('rows'), data, {
  select: (id) => change({ selected: look.selected === id ? null : id }),
  solo: (id) => change({ solo: look.solo === id ? null : id }),
  hover: (id) => change({ hovered: id }),
  seekPosition: goTo,
});
let clock = createPlainClock(span, show);

/* A preview whose length is not that of the time line was written at a constant rate: then frames are counted, not timed. */
function isEvenlySpaced() {
  return Math.abs(clock.duration() - span) > Math.max(0.5, span * 0.03);
}

function show(time) {
  mediaTime = time;
  const found = isEvenlySpaced()
    ? Math.floor((time / clock.duration()) * data.frames + 0.01)
    : files.positionAt(time + startTime + 0.004);
  if (found === null) return;
  position = Math.max(0, Math.min(data.frames - 1, found));
  const frame = files.frameAt(position);
  $('notice').hidden = !files.isFailed(position);
  if (frame !== null || files.isFailed(position)) {
    objects = frame?.[2] ?? [];
    repaint();
    $('clock').textContent = clockText(frame?.[1] ?? time);
    $('frame').textContent = frame === null ? '' : `frame ${frame[0]}`;
  }
  const share = `${((position + 0.5) / data.frames) * 100}%`;
  $('seek').value = position;
  document.documentElement.style.setProperty('--head', share);
  $('play').textContent = clock.isPlaying() ? 'Pause' : 'Play';
}

function repaint() {
  painter.paint(objects, look);
  rows.mark(new Set(objects.map((object) => object[0])), look);
  $('all').hidden = look.solo === null && look.selected === null;
  $('now').textContent = `${objects.length} of ${data.objects.length} objects here`;
}

function change(update) {
  Object.assign(look, update);
  repaint();
}

/* Seeks to the middle of a frame, so that rounding in the film cannot land on its neighbour. */
function goTo(target) {
  const wanted = Math.max(0, Math.min(data.frames - 1, target));
  if (isEvenlySpaced()) return clock.seek(((wanted + 0.5) / data.frames) * clock.duration());
  const frame = files.frameAt(wanted);
  if (frame === null && !files.isFailed(wanted)) return void setTimeout(() => goTo(wanted), 60);
  if (frame === null) return clock.seek(((wanted + 0.5) / data.frames) * clock.duration());
  const next = wanted + 1 < data.frames ? files.frameAt(wanted + 1) : null;
  const end = next === null ? frame[1] + span / data.frames : next[1];
  clock.seek((frame[1] + end) / 2 - startTime);
}

function step(by) {
  clock.pause();
  goTo(position + by);
}

function toggle() {
  if (clock.isPlaying()) clock.pause();
  else clock.play();
  $('play').textContent = clock.isPlaying() ? 'Pause' : 'Play';
}

const video = $('film');
video.addEventListener('loadedmetadata', () => {
  clock = createVideoClock(video, show);
  show(0);
});
video.addEventListener('error', () => {
  video.hidden = true;
  $('nofilm').hidden = false;
});
for (const name of ['play', 'pause', 'ended']) video.addEventListener(name, () => show(mediaTime));

$('summary').textContent = [`${data.objects.length} objects`, `${data.frames} frames`, clockText(span), `${data.width} × ${data.height}`, data.note].filter(Boolean).join('  ·  ');
$('stage').style.setProperty('--ratio', `${data.width} / ${data.height}`);
$('stage').style.setProperty('--ratio-number', data.width / data.height);
$('seek').max = Math.max(0, data.frames - 1);
$('seek').oninput = (event) => goTo(Number(event.target.value));
$('play').onclick = toggle;
$('back').onclick = () => step(-1);
$('next').onclick = () => step(1);
$('rate').onchange = (event) => clock.setRate(Number(event.target.value));
$('opacity').oninput = (event) => change({ opacity: Number(event.target.value) });
$('names').onchange = (event) => change({ names: event.target.checked });
$('all').onclick = () => change({ solo: null, selected: null });
$('masks').onclick = (event) => {
  const id = painter.objectAt(event);
  change({ selected: look.selected === id ? null : id });
  if (id !== null) rows.reveal(id);
};
$('masks').onpointermove = (event) => {
  const id = painter.objectAt(event);
  if (id !== look.hovered && event.pointerType !== 'touch') change({ hovered: id });
};
$('masks').onpointerleave = () => change({ hovered: null });
for (const [list, kind, title] of [[data.seams, 'seam', 'Chunk seam'], [data.sceneCuts, 'cut', 'Scene cut']]) {
  for (const at of list.slice(0, 2000)) {
    const mark = document.createElement('u');
    mark.className = kind;
    mark.title = `${title} at position ${at}`;
    mark.style.left = `${(at / data.frames) * 100}%`;
    $('marks').append(mark);
  }
}
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
  const keys = {
    ' ': toggle,
    k: toggle,
    ArrowRight: () => step(event.shiftKey ? 10 : 1),
    ArrowLeft: () => step(event.shiftKey ? -10 : -1),
    '.': () => step(1),
    ',': () => step(-1),
    Home: () => goTo(0),
    End: () => goTo(data.frames - 1),
    s: () => look.selected !== null && change({ solo: look.solo === look.selected ? null : look.selected }),
    Escape: () => change({ solo: null, selected: null }),
  };
  if (!(event.key in keys) || (event.key === ' ' && event.target.tagName === 'BUTTON')) return;
  event.preventDefault();
  keys[event.key]();
});
show(0);
