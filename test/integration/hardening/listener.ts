import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server of this machine that counts who comes by, to see that nobody does. */
export class Listener {
  /** Connections, also those on which nothing was asked. */
  connections = 0;
  private constructor(private readonly server: Server) {
    server.on('connection', () => this.connections++);
  }

  static async start(): Promise<Listener> {
    const server = createServer((_request, response) => response.end('seen'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Listener(server);
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${path}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
