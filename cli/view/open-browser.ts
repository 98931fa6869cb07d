import { spawn } from 'node:child_process';

/** The command that opens an address in the user's browser; null where there is no desktop to open it on. */
export function browserCommand(url: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv): readonly [command: string, ...args: string[]] | null {
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  const isRemote = (env['SSH_CONNECTION'] ?? '') !== '';
  const hasDesktop = (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== '';
  return hasDesktop && !isRemote ? ['xdg-open', url] : null;
}

/** Opens the address where there is a desktop. Returns whether it was tried; a browser that does not come is no error. */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform, env: NodeJS.ProcessEnv = process.env): boolean {
  const found = browserCommand(url, platform, env);
  if (found === null) return false;
  const [command, ...args] = found;
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
  return true;
}
