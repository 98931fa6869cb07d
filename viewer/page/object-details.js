/* The panel beside the film: everything about the selected object, with places to go to. */
function createObjectDetails(host, { data, frameTime, timeOf, thumbnails, actions }) {
  const MOST = 60;
  const byId = new Map(data.objects.map((object) => [object.id, object]));
  const area = data.width * data.height;
  /* Canvas of each object that is shown now. */
  const pictures = new Map();
  let shown = null;

  function goButton(text, position, title = '') {
    const button = make('button', { className: 'go' }, text);
    button.onclick = () => actions.seek(position);
    if (title !== '') button.title = title;
    return button;
  }

  function facts(object) {
    const [first, last] = [object.spans[0], object.spans[object.spans.length - 1] - 1];
    const rows = [
      ['first seen', goButton(clockText(object.firstTime), first, 'Go to its first frame (f)')],
      ['last seen', goButton(clockText(object.lastTime), last, 'Go to its last frame (l)')],
      ['seen for', `${durationText(object.frames * frameTime)}, ${plural(object.frames, 'frame')}`],
      ['size', `${shareText(object.meanArea / area)} of the picture, ${numberText(object.meanArea)} px`],
      ['score', object.meanScore.toFixed(2)],
    ];
    return make('dl', {}, ...rows.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]));
  }

  function section(title, items) {
    if (items.length === 0) return [];
    const list = make('ul', { className: 'places' }, ...items.slice(0, MOST).map((item) => make('li', {}, ...[item].flat())));
    if (items.length > MOST) list.append(make('li', { className: 'soft' }, `and ${items.length - MOST} more, on its lane`));
    return [make('h3', {}, `${title} (${items.length.toLocaleString('en')})`), list];
  }

  function gapsOf({ spans }) {
    const gaps = [];
    for (let i = 1; i + 1 < spans.length; i += 2) gaps.push([spans[i], spans[i + 1]]);
    return gaps.map(([from, to]) => [goButton(clockText(timeOf(from)), from), ` for ${durationText((to - from) * frameTime)}, back at `, goButton(clockText(timeOf(to)), to)]);
  }

  function bordersOf(object) {
    const items = [];
    for (let i = 0; i < object.borders.length; i += 2) {
      const [at, overlap] = [object.borders[i], object.borders[i + 1]];
      const look = make('button', { className: 'go' }, 'side by side');
      const join = { kind: 'overlap', decision: 'joined', reason: `${overlap} % overlap (IoU) in the shared frames`, left: { id: object.id, position: Math.max(0, at - 1) }, right: { id: object.id, position: at }, evidence: [] };
      look.onclick = () => actions.openJoin(join);
      items.push([goButton(clockText(timeOf(at)), at), ` ${overlap} % overlap `, look]);
    }
    return items;
  }

  function doubtsOf(object) {
    return data.doubts.list.flatMap((doubt) => {
      if (doubt.left.id !== object.id && doubt.right.id !== object.id) return [];
      const open = make('button', { className: 'go' }, `${clockText(timeOf(doubt.right.position))} ${decisionText(doubt)}`);
      open.onclick = () => actions.openJoin(doubt);
      return [[open, ` ${doubt.reason}`]];
    });
  }

  function kinOf(object) {
    return object.kin.map(([relation, id]) => {
      const button = make('button', { className: 'go' }, `${relation} ${id}`);
      button.onclick = () => actions.select(id, false);
      return button;
    });
  }

  function drawPicture(object) {
    const source = thumbnails.of(object);
    if (source !== null) pictures.get(object.id).getContext('2d').drawImage(source, 0, 0, 96, 96);
  }

  function bigPicture(object) {
    const canvas = make('canvas', { className: 'portrait', width: 96, height: 96, 'aria-hidden': 'true' });
    pictures.set(object.id, canvas);
    drawPicture(object);
    return canvas;
  }

  function describe(object) {
    const solo = make('button', { title: 'Show only this one (s)' }, 'Show only this one');
    solo.onclick = () => actions.solo(object.id);
    const swatch = make('i', { className: 'swatch' });
    swatch.style.background = object.colour;
    const head = make('div', { className: 'who' }, bigPicture(object), make('div', {}, make('h2', {}, swatch, ' Object ', make('bdi', {}, nameOf(object))), solo));
    return [head, facts(object), ...section('Doubtful joins', doubtsOf(object)), ...section('Not seen in between', gapsOf(object)), ...section('Stitched borders', bordersOf(object)), ...section('Related', kinOf(object))];
  }

  return {
    /** selected: Set of IDs. */
    show(selected) {
      const key = [...selected].join(' ');
      if (key === shown) return;
      shown = key;
      pictures.clear();
      const objects = [...selected].map((id) => byId.get(id)).filter((object) => object !== undefined);
      if (objects.length > 0) host.replaceChildren(...objects.flatMap(describe));
      else host.replaceChildren(make('p', { className: 'soft' }, data.objects.length === 0 ? 'No objects were found in this film.' : 'Choose an object: click it in the film or in the list, or press the down arrow.'));
      host.scrollTop = 0;
    },
    /** The picture of an object has come. Nothing else is touched: a person may be clicking there. */
    showPicture(id) {
      if (pictures.has(id)) drawPicture(byId.get(id));
    },
  };
}
