/* The list under the film. Only the rows in sight exist, so that thousands of objects stay light. */
function createObjectList(context, thumbnails) {
  const ROW = 46;
  const list = $('list');
  const host = $('rows');
  const rows = new Map();
  let objects = [];
  let marks = { now: new Set(), look: null };

  function inSight() {
    const top = list.scrollTop - host.offsetTop;
    const first = Math.max(0, Math.floor(top / ROW) - 2);
    return [first, Math.min(objects.length, Math.ceil((top + list.clientHeight) / ROW) + 2)];
  }

  function markRow(row) {
    const { now, look } = marks;
    const { id } = row.object;
    if (look === null) return;
    const stop = look.selected.size > 0 ? look.selected.has(id) : id === objects[0]?.id;
    row.mark({ isNow: now.has(id), isSelected: look.selected.has(id), isHovered: look.hovered === id, isSolo: look.solo.has(id), isTabStop: stop });
  }

  /** Makes the rows in sight and drops the others; `again` draws those that stay anew. */
  function refresh(again = false) {
    const [first, last] = inSight();
    const wanted = new Set();
    for (let i = first; i < last; i++) {
      const object = objects[i];
      wanted.add(object.id);
      let row = rows.get(object.id);
      const isNew = row === undefined;
      if (isNew) {
        row = createObjectRow(object, context);
        rows.set(object.id, row);
        host.append(row.element);
        markRow(row);
      }
      row.element.style.top = `${i * ROW}px`;
      row.element.setAttribute('aria-setsize', objects.length);
      row.element.setAttribute('aria-posinset', i + 1);
      if (isNew || again) row.drawLane();
      if (isNew) row.drawThumbnail(thumbnails.of(object));
    }
    for (const [id, row] of rows) {
      if (wanted.has(id) || (row.element.contains(document.activeElement) && objects.includes(row.object))) continue;
      row.element.remove();
      rows.delete(id);
    }
  }

  list.addEventListener('scroll', () => refresh(), { passive: true });

  return {
    set(next) {
      objects = next;
      host.style.height = `${objects.length * ROW}px`;
      $('none').hidden = objects.length > 0;
      refresh();
    },
    objects: () => objects,
    redraw: () => refresh(true),
    showThumbnail(id) {
      const row = rows.get(id);
      if (row !== undefined) row.drawThumbnail(thumbnails.of(row.object));
    },
    /** Marks rows: visible now, selected, hovered, solo. */
    mark(now, look) {
      marks = { now, look };
      for (const row of rows.values()) markRow(row);
    },
    reveal(id) {
      const i = objects.findIndex((object) => object.id === id);
      if (i < 0) return;
      const room = host.offsetTop;
      const top = i * ROW;
      if (top < list.scrollTop) list.scrollTop = top;
      else if (top + ROW + room > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW + room - list.clientHeight;
      refresh();
    },
    focusRow: (id) => rows.get(id)?.element.querySelector('.name').focus({ preventScroll: true }),
    hasFocus: () => host.contains(document.activeElement),
  };
}
