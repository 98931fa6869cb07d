/**
 * A first-in first-out queue between one producer and one consumer. `push` waits while `capacity` items lie in it, which is what
 * holds a fast producer back; iteration ends when the producer calls `end`, and throws what it hands to `fail`.
 */
export class BoundedQueue<T> {
  private readonly items: T[] = [];
  private ending: { error: unknown } | 'end' | null = null;
  private isClosed = false;
  private wakeProducer: (() => void) | null = null;
  private wakeConsumer: (() => void) | null = null;

  constructor(private readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity is a whole number from 1');
  }

  /** Add an item, waiting for room. False when the consumer is gone: stop producing. */
  async push(item: T): Promise<boolean> {
    while (this.items.length >= this.capacity && !this.isClosed) {
      await new Promise<void>((resolve) => (this.wakeProducer = resolve));
    }
    if (this.isClosed) return false;
    this.items.push(item);
    this.wakeConsumer?.();
    return true;
  }

  /** No more items will come. */
  end(): void {
    this.ending ??= 'end';
    this.wakeConsumer?.();
  }

  /** The consumer gets the items that are left, then this error. */
  fail(error: unknown): void {
    this.ending ??= { error };
    this.wakeConsumer?.();
  }

  /** The consumer's way to say that it takes no more. */
  close(): void {
    this.isClosed = true;
    this.items.length = 0;
    this.wakeProducer?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const item = this.items.shift();
      if (item !== undefined) {
        this.wakeProducer?.();
        yield item;
      } else if (this.ending === 'end') {
        return;
      } else if (this.ending !== null) {
        throw this.ending.error;
      } else {
        await new Promise<void>((resolve) => (this.wakeConsumer = resolve));
      }
    }
  }
}
