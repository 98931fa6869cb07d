import type { BucketObject } from './s3-bucket';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Objects in the answer to ListObjectsV2 that was asked for without `encoding-type`. The minio client's own listing decodes every key as
 * a URL, which servers that do not encode them (versitygw 1.8) make wrong: `a+b` would come out as `a b`, and `100%` not at all.
 * In the answer a `<` can only begin a tag, so that the few elements that count are found without a whole XML parser.
 */
export function parseListPage(xml: string): { readonly objects: BucketObject[]; readonly isTruncated: boolean } {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw new Error('the answer is not a listing');
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content]) => ({
    name: element(content!, 'Key'),
    bytes: Number(element(content!, 'Size') || NaN),
    version: objectVersion(element(content!, 'ETag'), new Date(element(content!, 'LastModified'))),
  }));
  if (objects.some(({ name, bytes }) => name === '' || !Number.isSafeInteger(bytes))) throw new Error('the listing has an object without a key or size');
  return { objects, isTruncated: element(xml.replace(/<Contents>.*?<\/Contents>/gs, ''), 'IsTruncated') === 'true' };
}

/** What changes when the bytes of an object change. Listings and headers tell times with and without milliseconds. */
export function objectVersion(etag: string | undefined, changedAt: Date): string {
  const plain = (etag ?? '').replaceAll('"', '').slice(0, 200);
  if (plain !== '') return plain;
  return Number.isNaN(changedAt.getTime()) ? '' : String(Math.floor(changedAt.getTime() / 1000));
}

/** Text of the first element of this name; '' when there is none. */
function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex?: string, decimal?: string, entity?: string) => {
    if (entity !== undefined) return ENTITIES[entity.toLowerCase()]!;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
