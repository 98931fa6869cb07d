/* Numbers as people read them, and small helpers for elements. */
const $ = (id) => document.getElementById(id);

/** 0:03.4, 12:03.4, 1:02:03.4 */
function clockText(seconds) {
  const tenths = Math.max(0, Math.round(seconds * 10));
  const whole = Math.floor(tenths / 600);
  const rest = ((tenths - whole * 600) / 10).toFixed(1).padStart(4, '0');
  return whole < 60 ? `${whole}:${rest}` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}:${rest}`;
}

/** 0.4 s, 12 s, 3 min, 1 h 2 min */
function durationText(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Share of the picture: 12 %, 0.4 %, 0.02 % */
function shareText(share) {
  const percent = share * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent >= 0.1 ? percent.toFixed(1) : percent.toFixed(2)} %`;
}

const numberText = (value) => (Number.isInteger(value) ? value.toLocaleString('en') : Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2));
const plural = (count, word) => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;

/** What an object is called on the page. Its label is the user's text: only ever written as text. */
const nameOf = (object) => (object.label === '' ? `${object.id}` : `${object.id} ${object.label}`);

/** An element with properties and children; strings become text. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== 'list') element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
