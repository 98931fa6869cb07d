import { objectVersion, parseListPage } from '../../../adapters/store/s3-list-page';

const page = (contents: string, truncated = false): string => `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>${truncated}</IsTruncated>${contents}</ListBucketResult>`;
const object = (key: string, size = '7'): string => `<Contents><Key>${key}</Key><LastModified>x</LastModified><ETag>&quot;abc-2&quot;</ETag><Size>${size}</Size></Contents>`;

test('keys are taken as they are, entities resolved once', () => {
  const { objects, isTruncated } = parseListPage(page(['a+b%20c', '&lt;IsTruncated&gt;false', '&amp;amp;', '&#x1F3AC;&#233;', 'line\nbreak'].map((key) => object(key)).join(''), true));
  expect(objects.map(({ name }) => name)).toEqual(['a+b%20c', '<IsTruncated>false', '&amp;', '\u{1F3AC}\u00e9', 'line\nbreak']);
  expect([objects[0], isTruncated]).toEqual([{ name: 'a+b%20c', bytes: 7, version: 'abc-2' }, true]);
});

test('without an ETag the time stands in, the same from a listing and from a header', () => {
  const listed = parseListPage(page('<Contents><Key>a</Key><LastModified>2026-11-26T19:02:10.123Z</LastModified><ETag></ETag><Size>0</Size></Contents>')).objects[0];
  expect(listed?.version).toBe(objectVersion(undefined, new Date('Thu, 26 Nov 2026 19:02:10 GMT')));
});

test('an empty listing is empty; what is no listing, or has an object without size, is an error', () => {
  expect(parseListPage(page(''))).toEqual({ objects: [], isTruncated: false });
  expect(() => parseListPage('<html></html>')).toThrow('not a listing');
  expect(() => parseListPage(page(object('a', '')))).toThrow('without a key or size');
  expect(() => parseListPage(page(object('a', 'x')))).toThrow('without a key or size');
  expect(() => parseListPage(page(object('')))).toThrow('without a key or size');
});
