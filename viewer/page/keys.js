/* The keyboard: one table for what keys do and for the help panel. */
function createKeys(actions) {
  const KEYS = [
    [['Space', 'k'], [' ', 'k'], 'play or pause', actions.toggle],
    [['→', '←'], ['ArrowRight', 'ArrowLeft', '.', ','], 'one frame on or back; with Shift ten', (event) => actions.step((event.key === 'ArrowRight' || event.key === '.' ? 1 : -1) * (event.shiftKey ? 10 : 1))],
    [['Home', 'End'], ['Home', 'End'], 'first or last frame', (event) => actions.seek(event.key === 'Home' ? 0 : Infinity)],
    [['↓', '↑'], ['ArrowDown', 'ArrowUp'], 'next or previous object of the list', (event) => actions.choose(event.key === 'ArrowDown' ? 1 : -1)],
    [['f', 'l'], ['f', 'l'], 'first or last frame of the selected object', (event) => actions.goToEnd(event.key === 'f')],
    [['g', 'b'], ['g', 'b'], 'where it next appears, or appeared before', (event) => actions.goToRun(event.key === 'g' ? 1 : -1)],
    [['s'], ['s'], 'show only the selected object, or all', actions.soloSelected],
    [['n', 'p'], ['n', 'p'], 'next or previous doubtful join', (event) => actions.goToDoubt(event.key === 'n' ? 1 : -1)],
    [['m', 'i'], ['m', 'i'], 'masks, IDs on or off', (event) => actions.flip(event.key === 'm' ? 'show-masks' : 'names')],
    [['+', '−', '0'], ['+', '=', '-', '0'], 'time line: closer, wider, the whole film', (event) => actions.zoom(event.key === '0' ? 0 : event.key === '-' ? -1 : 1)],
    [['/'], ['/'], 'find an object', actions.find],
    [['Esc'], ['Escape'], 'nothing selected, show all', actions.clear],
    [['?'], ['?'], 'this help', actions.help],
  ];
  const byKey = new Map(KEYS.flatMap(([, keys, , act]) => keys.map((key) => [key, act])));

  for (const [shown, , what] of KEYS) {
    const keys = shown.flatMap((key, i) => (i === 0 ? [make('kbd', {}, key)] : [' ', make('kbd', {}, key)]));
    $('key-table').querySelector('tbody').append(make('tr', {}, make('th', { scope: 'row' }, ...keys), make('td', {}, what)));
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if ($('help').open) return;
    if ($('join').open) {
      if (event.key === 'n' || event.key === 'p') actions.goToDoubt(event.key === 'n' ? 1 : -1);
      return;
    }
    if (target.tagName === 'SELECT' || (target.tagName === 'INPUT' && target.type !== 'checkbox' && target.id !== 'seek')) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    // Buttons and boxes keep the keys that press them.
    if (event.key === ' ' && (target.tagName === 'BUTTON' || target.tagName === 'INPUT') && target.id !== 'seek') return;
    const act = byKey.get(event.key);
    if (act === undefined) return;
    event.preventDefault();
    act(event);
  });
}
