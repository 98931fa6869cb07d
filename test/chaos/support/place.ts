import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster';
import { LossyProxy } from './lossy-proxy';
import type { WorkerProcess } from './worker-process';

/** A machine of the soak: there is a worker on it most of the time, and it reaches the server over a network of its own. */
export class Place {
  private constructor(
    private readonly cluster: Cluster,
    private readonly network: LossyProxy,
    private worker: WorkerProcess,
  ) {}

  static async open(cluster: Cluster): Promise<Place> {
    const network = await LossyProxy.listen(cluster.server.address);
    return new Place(cluster, network, await cluster.startWorker({ address: network.address }));
  }

  /** kill -9, and another worker after a while. */
  async kill(seconds: number): Promise<void> {
    await this.worker.kill();
    await sleep(seconds * 1000);
    await this.start();
  }

  /** A worker that is told to end, and the next one. */
  async replace(): Promise<void> {
    const code = await this.worker.stop();
    if (code !== 0) throw new Error(`a worker that was told to end ended with ${code}: ${this.worker.log().slice(-2000)}`);
    await this.start();
  }

  async freeze(seconds: number): Promise<void> {
    this.worker.signal('SIGSTOP');
    await sleep(seconds * 1000);
    this.worker.signal('SIGCONT');
  }

  async cutOff(seconds: number): Promise<void> {
    this.network.drop();
    await sleep(seconds * 1000);
    this.network.reset();
  }

  /** Its last worker ends, and has done what it had to. @returns its exit code */
  async close(): Promise<number | null> {
    const code = await this.worker.stop();
    await this.network.close();
    return code;
  }

  /** A worker that begins while the server is away ends with an error; a service manager would start it again. */
  private async start(): Promise<void> {
    for (;;) {
      try {
        this.worker = await this.cluster.startWorker({ address: this.network.address });
        return;
      } catch {
        await sleep(1000);
      }
    }
  }
}
