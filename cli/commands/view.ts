import { existsSync } from 'node:fs';
import path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { listenForStop } from '../job/stop-signal';
import { createOutput } from '../output/output';
import { forUser, fromUserFolder } from '../output/user-folder';
import { readResultSummary } from '../result/read-result';
import { openBrowser } from '../view/open-browser';
import { serveResult } from '../view/result-server';

const EXAMPLES = `
Shows the page of a result: the film with its masks, a lane per object, every doubtful join. docs/viewer.md explains it. The page also
opens from disk (index.html); this command is for browsers that refuse that, and for results on another machine:

  ssh -L 8080:127.0.0.1:8080 machine 'vamg view film-vamg --port 8080 --no-open'     then open http://127.0.0.1:8080/ here

Only this machine can reach it. Ctrl-C ends it.

Examples:
  vamg view film-vamg
  vamg view film-vamg --port 8080 --no-open`;

interface ViewFlags {
  readonly port: number;
  readonly open: boolean;
  readonly json?: boolean;
}

export function registerViewCommand(program: Command): void {
  program
    .command('view')
    .argument('<dir>', 'a result folder')
    .description('Look at a result in the browser: serves its page on this machine until Ctrl-C.')
    .option('--port <n>', 'Port on 127.0.0.1; 0 takes any free one.', readPort, 0)
    .option('--no-open', 'Only print the address, open no browser.')
    .option('--json', 'Print one JSON document on stdout (the address) and nothing else; opens no browser.')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string, flags: ViewFlags) => view(fromUserFolder(dir), flags));
}

async function view(folder: string, { port, open, json = false }: ViewFlags): Promise<void> {
  const { video, counts } = await readResultSummary(folder);
  if (!existsSync(path.join(folder, 'index.html')))
    throw new VamgError('NotFound', `${forUser(folder)} has no page; \`vamg restitch ${forUser(folder)} --viewer\` makes one.`);
  const out = createOutput(json);
  const stop = listenForStop(() => process.exit(0));
  const server = await serveResult(folder, port);
  try {
    out.json({ url: server.url, dir: folder, video: video.name, objects: counts.objects });
    out.line(`${video.name}, ${counts.objects} objects: ${server.url}`);
    const isOpened = open && !json && openBrowser(server.url);
    out.note(isOpened ? 'Opened in your browser. Ctrl-C ends it.' : 'Open this address in a browser on this machine. Ctrl-C ends it.');
    if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await server.close();
    stop.dispose();
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}
