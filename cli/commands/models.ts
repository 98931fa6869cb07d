import type { Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { addBundle, ensureBundle, imageModelOf, isBundleReady, listBundles, verifyBundle } from '../../models/bundles';
import { createOutput, type Output } from '../output/output';
import { fromUserFolder } from '../output/user-folder';
import { formatTable } from '../output/table';

const JSON_FLAG = ['--json', 'Print one JSON document on stdout and nothing else.'] as const;
const DEFAULT_MODEL = 'mobilesam';

type Action = (subject: string, out: Output) => Promise<void>;

export function registerModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('List, fetch, check and add model bundles.')
    .addHelpText('after', '\nExamples:\n  vamg models list\n  vamg models pull mobilesam\n  vamg models add ./my-bundle');
  const run = (action: Action) => async (subject: string, flags: { json?: boolean }) => action(subject, createOutput(flags.json === true));
  models
    .command('list')
    .description('Show the model bundles and whether their files are here.')
    .option(...JSON_FLAG)
    .action(async (flags: { json?: boolean }) => list(createOutput(flags.json === true)));
  models.command('pull').argument('[name]', 'a bundle', DEFAULT_MODEL).description('Fetch the files of a bundle into the cache.').option(...JSON_FLAG).action(run(pull));
  models.command('verify').argument('[name]', 'a bundle', DEFAULT_MODEL).description('Compare every file of a bundle with its sha256.').option(...JSON_FLAG).action(run(verify));
  models.command('add').argument('<dir>', 'a folder with a bundle.json').description('Make a bundle of your own known by its name.').option(...JSON_FLAG).action(run(add));
}

async function list(out: Output): Promise<void> {
  const { bundles, unreadable } = await listBundles();
  for (const { error } of unreadable) out.note(`Left out: ${error.message}`);
  const rows = await Promise.all(
    bundles.map(async ({ name, origin, manifest, sha256 }) => {
      const image = imageModelOf(manifest);
      const isReady = bundles.some((other) => other.name === (image ?? name)) && (await isBundleReady(name));
      const { inputSizes } = bundles.find((other) => other.name === image)?.manifest ?? manifest;
      return { name, origin, isReady, inputSizes, ...(image !== undefined && { imageModel: image }), description: manifest.description, sha256 };
    }),
  );
  out.json({ models: rows });
  const cells = rows.map((row) => [row.name, row.origin, row.isReady ? 'yes' : 'no', row.inputSizes.join(' ')]);
  for (const line of formatTable(['model', 'origin', 'here', 'sizes'], cells)) out.line(line);
}

async function pull(name: string, out: Output): Promise<void> {
  const bundle = await ensureBundle(name, { log: (line) => out.note(line) });
  out.json({ name, sha256: bundle.sha256, isReady: true });
  out.line(`${name} is ready.`);
}

async function verify(name: string, out: Output): Promise<void> {
  const { missing, wrong } = await verifyBundle(name);
  if (missing.length + wrong.length > 0) {
    const what = [...missing.map((file) => `${file} is missing`), ...wrong.map((file) => `${file} has wrong bytes`)].join(', ');
    throw new VamgError('SetupMissing', `Model bundle ${name} is not whole: ${what}. \`vamg models pull ${name}\` fetches it.`);
  }
  out.json({ name, isReady: true });
  out.line(`${name}: every file has its sha256.`);
}

async function add(folder: string, out: Output): Promise<void> {
  const bundle = await addBundle(fromUserFolder(folder));
  out.json(bundle);
  out.line(`Added ${bundle.name}; use it with --model ${bundle.name}.`);
}
