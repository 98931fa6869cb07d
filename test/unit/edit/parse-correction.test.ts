import { parseCorrection } from '../../../contracts/edits';

describe('what the update takes', () => {
  it.each([[{ edits: [{ edit: 'merge', ids: [8, 27], into: 8 }] }], [{ schemaVersion: 1, edits: [{ edit: 'split', id: 5, at: '0:12.4' }, { edit: 'label', id: 5, label: '' }] }], [{ undo: true }]])('%j', (request) => {
    expect(parseCorrection(request)).toEqual(request);
  });

  it.each([
    [null, /is \{"edits": \[…\]\} or \{"undo": true\}/],
    [[], /is \{"edits"/],
    ['undo', /is \{"edits"/],
    [{ edits: [] }, /cannot be used at edits: /],
    [{ undo: false }, /at undo: /],
    [{ undo: true, edits: [] }, /cannot be used: /],
    [{ edits: [{ edit: 'merge', ids: [8] }] }, /at edits\[0\]\.ids: needs two IDs or more/],
    [{ edits: [{ edit: 'explode', ids: [8] }] }, /at edits\[0\]\.edit: /],
    [{ edits: [{ edit: 'delete', ids: [0] }] }, /at edits\[0\]\.ids\[0\]: must be the ID of an object/],
    [{ edits: [{ edit: 'delete', ids: [1] }], priority: 1 }, /cannot be used: /],
  ])('refuses %j with one sentence', (request, sentence) => {
    expect(() => parseCorrection(request)).toThrow(RangeError);
    expect(() => parseCorrection(request)).toThrow(sentence);
  });
});
