/**
 * Snapshots and checkpoints as bytes: little-endian, no padding, floats as their exact bits. A reader must ask in the order
 * in which the writer wrote; running past the end throws RangeError.
 */
export class ByteWriter {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  uint(value: number): this {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`not a 32-bit unsigned integer: ${value}`);
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
    return this;
  }

  /** Exact 64-bit float. */
  float(value: number): this {
    const at = this.reserve(8);
    this.view.setFloat64(at, value, true);
    return this;
  }

  flag(value: boolean): this {
    return this.uint(value ? 1 : 0);
  }

  /** Length, then the raw bytes. */
  blob(value: Uint8Array): this {
    this.uint(value.length);
    const at = this.reserve(value.length);
    this.bytes.set(value, at);
    return this;
  }

  floats(values: Float32Array): this {
    this.uint(values.length);
    const at = this.reserve(values.length * 4);
    values.forEach((value, i) => this.view.setFloat32(at + i * 4, value, true));
    return this;
  }

  uints(values: ArrayLike<number>): this {
    this.uint(values.length);
    for (let i = 0; i < values.length; i++) this.uint(values[i]!);
    return this;
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Place for `size` more bytes; may replace `bytes` and `view`, so call it before reading them. */
  private reserve(size: number): number {
    const at = this.length;
    this.length += size;
    if (this.length > this.bytes.length) {
      const bigger = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      bigger.set(this.bytes);
      this.bytes = bigger;
      this.view = new DataView(bigger.buffer);
    }
    return at;
  }
}

export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    // Node's Buffer is one of these, but its slices share their memory.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint(): number {
    return this.view.getUint32(this.take(4), true);
  }

  float(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  flag(): boolean {
    return this.uint() !== 0;
  }

  blob(): Uint8Array {
    const size = this.uint();
    const from = this.take(size);
    return this.bytes.slice(from, from + size);
  }

  floats(): Float32Array {
    const out = new Float32Array(this.count(4));
    for (let i = 0; i < out.length; i++) out[i] = this.view.getFloat32(this.take(4), true);
    return out;
  }

  uints(): Uint32Array {
    const out = new Uint32Array(this.count(4));
    for (let i = 0; i < out.length; i++) out[i] = this.uint();
    return out;
  }

  /** Throws RangeError unless everything was read. */
  end(): void {
    if (this.at !== this.bytes.length) throw new RangeError(`${this.bytes.length - this.at} bytes left over in a snapshot`);
  }

  private count(itemSize: number): number {
    const count = this.uint();
    if (count * itemSize > this.bytes.length - this.at) throw new RangeError('a snapshot ends too early');
    return count;
  }

  private take(size: number): number {
    const from = this.at;
    if (from + size > this.bytes.length) throw new RangeError('a snapshot ends too early');
    this.at += size;
    return from;
  }
}
