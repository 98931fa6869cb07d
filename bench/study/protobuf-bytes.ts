/** A protobuf field with a length: a string, a sub-message, or bytes. */
export function lengthField(number: number, ...content: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

/** A protobuf field that is a number, 0 or greater. */
export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}
