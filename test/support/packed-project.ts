import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = path.join(__dirname, '../..');

/**
 * A project that has nothing but the package as `npm run package` makes it. What npm would do with the tarball is done by hand, so that no
 * network is needed: it is unpacked into node_modules, and beside it stand the packages that its package.json lists under `dependencies`,
 * each a link to the checkout's copy. A package that is used and not listed is not found, as in an installation.
 */
export class PackedProject {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'vamg-package-'));

  async install(): Promise<void> {
    await run('npm', ['run', '--silent', 'package', '--', '--pack-destination', this.folder], { cwd: ROOT, maxBuffer: 1 << 26 });
    const { version, dependencies, devDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string; dependencies: Record<string, string>; devDependencies: Record<string, string> };
    const modules = this.path('node_modules');
    mkdirSync(path.join(modules, 'video-amg'), { recursive: true });
    await run('tar', ['-xzf', this.path(`video-amg-${version}.tgz`), '--strip-components', '1', '-C', path.join(modules, 'video-amg')]);
    const types = Object.keys(devDependencies).filter((name) => name === '@types/node');
    for (const name of [...Object.keys(dependencies), ...types]) {
      mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
    }
    this.write('package.json', JSON.stringify({ name: 'empty', private: true }));
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  copy(from: string, to: string): void {
    cpSync(from, this.path(to), { recursive: true });
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** What a program of the project prints. Rejects with its stderr when it fails. */
  async node(...args: string[]): Promise<string> {
    return (await run(process.execPath, args, { cwd: this.folder, maxBuffer: 1 << 26 })).stdout;
  }

  /** What the compiler says of these files, against the package's own declarations and nothing of the checkout; '' when all is well. */
  async typecheck(files: readonly string[]): Promise<string> {
    const flags = ['--strict', '--noEmit', '--noUncheckedIndexedAccess', '--target', 'es2022', '--module', 'node16', '--moduleResolution', 'node16', '--types', 'node', '--skipLibCheck'];
    const check = run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, ...files], { cwd: this.folder });
    return await check.then(() => '', (error: { stdout?: string; message: string }) => error.stdout || error.message);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
