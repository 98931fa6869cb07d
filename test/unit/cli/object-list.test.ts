import { parseObjects } from '../../../cli/options/object-list';

const existing = [1, 3, 7, 20, 22, 30];

test.each([
  ['3', [3]],
  ['7,3', [3, 7]],
  [' 3 , 20-25 ', [3, 20, 22]],
  ['1-30', existing],
  ['all', existing],
  ['3,3,3-3', [3]],
])('--objects %s', (text, ids) => expect([...parseObjects(text, existing)].sort((a, b) => a - b)).toEqual(ids));

test.each([
  ['4', /no object 4;/],
  ['3,23-29', /no object 23-29;/],
  ['7-3', /no object 7-3;/],
  ['', /must be IDs such as 3,7,20-29, or all, got ''/],
  ['3,', /must be IDs/],
  ['red', /got 'red'/],
  ['1e3', /must be IDs/],
  ['99999999999', /must be IDs/],
])('--objects %s is refused', (text, message) => expect(() => parseObjects(text, existing)).toThrow(message));
