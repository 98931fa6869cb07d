import { categoriesOf, frameName, sequenceName } from '../../../adapters/export/names';
import { describeParts, splitSequences } from '../../../adapters/export/sequence-parts';
import type { ExportObject } from '../../../adapters/export/types';
import { xmlText } from '../../../adapters/export/cvat-xml';

const objects = (...ids: number[]): ExportObject[] => ids.map((id) => ({ id, label: null }) as ExportObject);
const split = (capacity: number, ...ids: number[]): unknown => splitSequences({ sequence: 's', objects: objects(...ids) }, capacity).map(({ sequence, values }) => [sequence, [...values]]);

describe('splitSequences', () => {
  it('keeps the IDs while they fit', () => {
    expect(split(3, 1, 3)).toEqual([['s', [[1, 1], [3, 3]]]]);
    expect(split(3)).toEqual([['s', []]]);
  });

  it('renumbers when an ID is too high, and divides when there are too many', () => {
    expect(split(3, 2, 9)).toEqual([['s', [[2, 1], [9, 2]]]]);
    expect(split(2, 1, 2, 3, 7, 8)).toEqual([['s-1', [[1, 1], [2, 2]]], ['s-2', [[3, 1], [7, 2]]], ['s-3', [[8, 1]]]]);
  });

  it('says so', () => {
    const said = (...ids: number[]): string[] => describeParts(splitSequences({ sequence: 's', objects: objects(...ids) }, 2), 2);
    expect(said(1, 2)).toEqual([]);
    expect(said(5)[0]).toMatch(/renumbered/);
    expect(said(1, 2, 3)[0]).toMatch(/2 objects per sequence.*2 sequences/);
  });
});

describe('names', () => {
  it.each([
    ['film.mp4', 'film'],
    ['../../etc/pass wd.mov', 'etc_pass_wd'],
    ['...', 'video'],
    ['été.mp4', 't'],
    ['.hidden', 'video'],
    ['a.b.c', 'a.b'],
    ['x'.repeat(300), 'x'.repeat(80)],
  ])('%s becomes %s', (name, expected) => expect(sequenceName(name)).toBe(expected));

  it('of frames sort as the frames do', () => {
    expect(frameName({ lastFrame: 12 }, 3)).toBe('00003');
    expect(frameName({ lastFrame: 123_456 }, 3)).toBe('000003');
  });

  it('of classes are "object" and the labels, each once', () => {
    const { names, of } = categoriesOf({ objects: [{ id: 1, label: null }, { id: 2, label: 'dog' }, { id: 5, label: 'car' }, { id: 6, label: 'dog' }, { id: 7, label: 'object' }] as ExportObject[] });
    expect(names).toEqual(['object', 'car', 'dog']);
    expect([1, 2, 5, 6, 7, 99].map(of)).toEqual([0, 2, 1, 2, 0, 0]);
  });

  it('are safe in XML', () => {
    expect(xmlText('<a b="c">&\u0000\ud800\n')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;\ufffd\ufffd&#10;');
    expect(xmlText('é😀')).toBe('é😀');
  });
});
