import { createServer, connect, type Server, type Socket } from 'node:net';

/** A TCP proxy that can be told to swallow bytes, as a cut network does: both sides believe that they are connected. */
export class LossyProxy {
  private isDropping = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  /** @param target host:port */
  static async listen(target: string): Promise<LossyProxy> {
    const [host, port] = target.split(':');
    const server = createServer((near) => proxy.join(near, connect(Number(port), host)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: own } = server.address() as { port: number };
    const proxy = new LossyProxy(server, `127.0.0.1:${own}`);
    return proxy;
  }

  /** From now on nothing arrives, in neither direction. */
  drop(): void {
    this.isDropping = true;
  }

  /** Reset all connections; new ones work. */
  reset(): void {
    this.isDropping = false;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket, far: Socket): void {
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.sockets.add(from);
      from.on('data', (data) => void (this.isDropping || to.write(data)));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
