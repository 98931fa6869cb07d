// Builds dist/: every .ts file transpiled on its own, other files copied, the workflow code bundled.
// Only what changed is done again; dist/.build.json remembers what was built from what.
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ROOT, DIST, LOCAL, fromRoot } from './paths.mjs';
import { BuildError, exitWith, say } from './say.mjs';
import { withLock } from './lock.mjs';
import { scan } from './file-scan.mjs';
import { bundleInputs, bundleWorkflows, BUNDLE_FILES } from './workflow-bundle.mjs';

const FOLDERS = ['workflows', 'activities', 'workers', 'contracts', 'core', 'models', 'adapters', 'cli', 'viewer', 'bench', 'infra', 'lib', 'examples'];
/** Files read at run time. Python sources, notes and the bootstrap itself stay where they are. */
const ASSET = /\.(json|onnx|bin|html|css|js|svg|png|txt|yaml)$/;
const MANIFEST = path.join(DIST, '.build.json');
const require = createRequire(import.meta.url);
const sha256 = (data) => createHash('sha256').update(data).digest('hex');

const isSource = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts');
const isAsset = (file) => file.startsWith('models/bundles/') || (ASSET.test(file) && !file.startsWith('infra/'));
const outputOf = (file) => (isSource(file) ? file.replace(/\.ts$/, '.js') : file);

/** Changes when the way of building changes, so that an updated compiler rebuilds everything. */
function toolchainKey() {
  const compiler = JSON.parse(fs.readFileSync(fromRoot('node_modules/@swc/core/package.json'), 'utf8')).version;
  const self = ['build.mjs', 'workflow-bundle.mjs', 'swc-options.json'].map((name) => fs.readFileSync(fromRoot('infra/bootstrap', name)));
  return sha256(`${compiler}\n${self.join('\n')}`);
}

function readManifest(key) {
  try {
    const manifest = JSON.parse(fs.readFileSync(MANIFEST, 'utf8'));
    return manifest.key === key ? manifest : { files: manifest.files, stale: true };
  } catch {
    return { files: {}, stale: true };
  }
}

function writeAtomically(file, data) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, data);
  fs.renameSync(temporary, file);
}

/** Which files must be built, and the manifest as it will be. Same size and time means unchanged; else the hash decides. */
function compare(previous) {
  const changed = [];
  const files = {};
  let touched = false;
  for (const { file, size, time } of FOLDERS.flatMap((folder) => scan(folder, (name) => isSource(name) || isAsset(name)))) {
    const known = previous.stale ? undefined : previous.files[file];
    const built = known !== undefined && fs.existsSync(path.join(DIST, outputOf(file)));
    if (built && known.size === size && known.time === time) {
      files[file] = known;
      continue;
    }
    const hash = sha256(fs.readFileSync(fromRoot(file)));
    files[file] = { size, time, hash };
    touched = true;
    if (!built || known.hash !== hash) changed.push(file);
  }
  const removed = Object.keys(previous.files).filter((file) => !(file in files));
  return { changed, removed, files, touched };
}

async function transpile(file) {
  const swc = require('@swc/core');
  const options = JSON.parse(fs.readFileSync(fromRoot('infra/bootstrap/swc-options.json'), 'utf8'));
  const output = path.join(DIST, outputOf(file));
  const sourceFileName = path.relative(path.dirname(output), fromRoot(file)).split(path.sep).join('/');
  // Node finds the names that an ES module may import from ours by this annotation.
  const module = { ...options.module, exportInteropAnnotation: file.startsWith('lib/') };
  const { code, map } = await swc.transform(fs.readFileSync(fromRoot(file), 'utf8'), { ...options, module, filename: fromRoot(file), sourceFileName });
  writeAtomically(`${output}.map`, map);
  writeAtomically(output, `${code.trimEnd()}\n//# sourceMappingURL=${path.basename(output)}.map\n`);
}

async function buildOne(file) {
  if (isSource(file)) return transpile(file);
  writeAtomically(path.join(DIST, file), fs.readFileSync(fromRoot(file)));
}

function removeOutputs(files) {
  for (const file of files) {
    const output = path.join(DIST, outputOf(file));
    fs.rmSync(output, { force: true });
    fs.rmSync(`${output}.map`, { force: true });
    let folder = path.dirname(output);
    while (folder !== DIST && fs.existsSync(folder) && fs.readdirSync(folder).length === 0) {
      fs.rmdirSync(folder);
      folder = path.dirname(folder);
    }
  }
}

/** The bundle's key is the content of what the workflows import at run time, not where the checkout lies. */
function bundleKey(key, files) {
  const inputs = bundleInputs(DIST);
  if (inputs.length === 0) return undefined;
  return sha256([key, ...inputs.map((file) => `${file}:${files[file]?.hash ?? ''}`)].join('\n'));
}

async function rebuild(key) {
  const previous = readManifest(key);
  const { changed, removed, files } = compare(previous);
  const failures = [];
  await Promise.all(changed.map((file) => buildOne(file).catch((error) => {
    delete files[file];
    failures.push(`${file}: ${error.message}`);
  })));
  removeOutputs(removed);
  const bundle = failures.length === 0 ? bundleKey(key, files) : undefined;
  const bundled = bundle !== undefined && (previous.bundle !== bundle || BUNDLE_FILES.some((name) => !fs.existsSync(path.join(DIST, name))));
  const manifest = { key, files, bundle: bundled ? undefined : bundle };
  writeAtomically(MANIFEST, JSON.stringify(manifest));
  if (failures.length > 0) throw new BuildError(`the build failed:\n${failures.join('\n')}`);
  if (bundled) {
    await bundleWorkflows({ root: ROOT, dist: DIST, key: bundle, write: writeAtomically });
    writeAtomically(MANIFEST, JSON.stringify({ ...manifest, bundle }));
  }
  return { changed: changed.length, removed: removed.length, bundled };
}

/** Brings dist/ up to date. Returns what was done; { changed: 0, … } when there was nothing to do. */
export async function build() {
  const key = toolchainKey();
  const seen = readManifest(key);
  if (!seen.stale) {
    const { changed, removed, files, touched } = compare(seen);
    const hasBundle = seen.bundle !== undefined && BUNDLE_FILES.every((name) => fs.existsSync(path.join(DIST, name)));
    if (changed.length + removed.length === 0 && (hasBundle || !fs.existsSync(path.join(DIST, 'workflows/index.js')))) {
      if (touched) writeAtomically(MANIFEST, JSON.stringify({ ...seen, files }));
      return { changed: 0, removed: 0, bundled: false };
    }
  }
  const started = Date.now();
  const done = await withLock(path.join(LOCAL, 'build.lock'), { label: 'the build' }, () => rebuild(key));
  if (done.changed + done.removed > 0 || done.bundled) {
    const bundle = done.bundled ? ', workflow bundle' : '';
    say(`built ${done.changed} files${bundle} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
  return done;
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  build().catch(exitWith);
}
