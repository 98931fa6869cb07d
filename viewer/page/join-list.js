/* The doubtful joins, in order of time. */
const DECISIONS = {
  joined: { overlap: 'joined', gap: 'recognised' },
  ambiguous: { overlap: 'ambiguous', gap: 'ambiguous' },
  rejected: { overlap: 'left apart', gap: 'left apart' },
  'refused-cannot-link': { overlap: 'refused', gap: 'refused' },
  suggested: { overlap: 'suggested', gap: 'suggested' },
};
const decisionText = ({ decision, kind }) => DECISIONS[decision]?.[kind] ?? String(decision);
/** The reason, and the number that counted. */
const evidenceText = ({ reason, evidence }) => [reason, ...evidence.filter(([name]) => name === 'overlap (IoU)' || name === 'score').slice(0, 1).map(([name, value]) => `${name} ${numberText(value)}`)].join(' · ');
const sideText = ({ id }) => (id === null ? 'no ID' : `${id}`);

function createJoinList(host, { data, timeOf, colours, openJoin }) {
  const { list, total } = data.doubts;
  const buttons = list.map((doubt, i) => {
    const chip = ({ id }) => {
      const swatch = make('i', { className: 'swatch' });
      swatch.style.background = id === null ? 'none' : (colours.get(id) ?? 'none');
      return make('span', { className: 'chip' }, swatch, sideText({ id }));
    };
    const button = make('button', { className: 'join' }, make('b', {}, clockText(timeOf(doubt.right.position))), make('span', {}, chip(doubt.left), ' → ', chip(doubt.right)), make('em', { className: doubt.decision }, decisionText(doubt)), make('small', {}, evidenceText(doubt)));
    button.onclick = () => openJoin(list[i]);
    return button;
  });
  const nothing = data.seams.length === 0 ? 'No joins to check: the film was followed in one go, nothing had to be stitched.' : 'Stitching had no doubts in this film.';
  const intro = total === 0 ? nothing : 'What stitching was least sure of, in order of time. Choose one to see both sides.';
  host.replaceChildren(make('p', { className: 'soft' }, intro), make('ul', { className: 'joins' }, ...buttons.map((button) => make('li', {}, button))));
  if (total > list.length) host.append(make('p', { className: 'soft' }, `The ${list.length} most doubtful of ${total.toLocaleString('en')}; all are in stitch-report.json.`));
  return {
    mark(current) {
      buttons.forEach((button, i) => button.setAttribute('aria-current', String(list[i] === current)));
    },
    /** The doubt `by` places after the current one, or nearest to a position when there is none. */
    neighbour(current, by, position) {
      if (list.length === 0) return null;
      const at = list.indexOf(current);
      if (at >= 0) return list[(at + by + list.length) % list.length];
      const after = list.findIndex((doubt) => doubt.right.position > position);
      const next = after < 0 ? 0 : after;
      return by > 0 ? list[next] : list[(next - 1 + list.length) % list.length];
    },
  };
}
