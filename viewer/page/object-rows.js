/* The list under the film: one row per object with its colour, when it is visible, and a lane over the whole film. */
function createObjectRows(host, data, actions) {
  const rows = new Map();
  for (const object of data.objects) {
    const row = document.createElement('div');
    row.className = 'row';
    row.dataset.id = object.id;
    row.innerHTML =
      '<button class="name" aria-pressed="false"><i></i><b></b></button><div class="lane"></div>' +
      '<span class="when"></span><span class="area"></span><button class="solo" aria-pressed="false">solo</button>';
    row.querySelector('i').style.background = object.colour;
    row.querySelector('b').textContent = object.id;
    row.querySelector('.name').title = `Object ${object.id}: visible in ${object.frames} of ${data.frames} frames`;
    row.querySelector('.when').textContent = `${clockText(object.firstTime)} – ${clockText(object.lastTime)}`;
    row.querySelector('.area').textContent = `${object.meanArea.toLocaleString('en')} px`;
    row.querySelector('.solo').setAttribute('aria-label', `Show only object ${object.id}`);
    row.querySelector('.lane').append(laneDrawing(object, data));
    row.querySelector('.name').onclick = () => actions.select(object.id);
    row.querySelector('.solo').onclick = () => actions.solo(object.id);
    row.onpointerenter = () => actions.hover(object.id);
    row.onpointerleave = () => actions.hover(null);
    row.querySelector('.lane').onclick = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      actions.seekPosition(Math.floor(((event.clientX - box.left) / box.width) * data.frames));
    };
    rows.set(object.id, row);
    host.append(row);
  }
  return {
    /** Marks rows: visible now, selected, solo. */
    mark(visible, look) {
      for (const [id, row] of rows) {
        row.classList.toggle('now', visible.has(id));
        row.classList.toggle('selected', look.selected === id);
        row.classList.toggle('hovered', look.hovered === id);
        row.querySelector('.name').setAttribute('aria-pressed', String(look.selected === id));
        row.querySelector('.solo').setAttribute('aria-pressed', String(look.solo === id));
      }
    },
    reveal(id) {
      rows.get(id)?.scrollIntoView({ block: 'nearest' });
    },
  };
}

/* Spans as one SVG path, so that a thousand lanes stay light. */
function laneDrawing(object, data) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 ${data.frames} 10`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  let d = '';
  for (let i = 0; i < object.spans.length; i += 2) d += `M${object.spans[i]} 0H${object.spans[i + 1]}V10H${object.spans[i]}Z`;
  path.setAttribute('d', d);
  path.setAttribute('fill', object.colour);
  svg.append(path);
  return svg;
}

function clockText(seconds) {
  const whole = Math.floor(seconds / 60);
  const rest = (seconds - whole * 60).toFixed(1).padStart(4, '0');
  return whole < 60 ? `${whole}:${rest}` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}:${rest}`;
}
