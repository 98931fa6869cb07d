import { existsSync, readdirSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CUTIE_GRAPHS, CUTIE_SETTINGS_ROLE } from '../../../contracts/cutie-network';
import { MEMORY_ROLES } from '../../../contracts/memory-network';
import { SAM2_GRAPHS, SAM2_SETTINGS_ROLE } from '../../../contracts/sam2-network';
import { addBundle, bundleFilePath, ensureBundle, findBundle, hasMemoryNetwork, imageModelOf, inputSizesOf, isBundleReady, listBundles, preferMemoryBundle, resolveBundle, verifyBundle } from '../../../models/bundles';
import { BundleSandbox, onnxWithExternal } from './bundle-folder';

/** A manifest to spoil. */
type LooseManifest = Record<string, unknown> & { files: Record<string, unknown>[]; downloads: Record<string, unknown>[] };

const GRAPH = onnxWithExternal('weights.bin');
let sandbox: BundleSandbox;
beforeEach(() => {
  sandbox = new BundleSandbox();
});
afterEach(() => sandbox.dispose());

/** Adds a bundle called toy whose weights can be fetched. */
async function addToy(): Promise<void> {
  await addBundle(sandbox.write('toy', sandbox.manifest('toy', GRAPH, 'weights'), GRAPH));
  sandbox.writeWeights('weights');
}

/** A bundle called toy with a memory network, complete, of this many bytes. */
async function addToyWithMemory(bytes: number, roles: readonly string[] = MEMORY_ROLES): Promise<void> {
  const weights = '0'.repeat(bytes);
  const manifest = sandbox.manifest('toy', GRAPH, weights) as LooseManifest;
  for (const role of roles) manifest.files.push({ ...manifest.files[0], role, path: `${role}.onnx` });
  const folder = sandbox.write('toy', manifest, GRAPH);
  for (const role of roles) writeFileSync(join(folder, `${role}.onnx`), GRAPH);
  sandbox.writeWeights(weights);
  await addBundle(folder);
  await ensureBundle('toy');
}

describe('the bundle of `--tracker auto`', () => {
  it('is the built-in one without a larger one that is here completely', async () => {
    expect(hasMemoryNetwork((await findBundle('mobilesam')).manifest)).toBe(true);
    await addToyWithMemory(1000);
    expect(await preferMemoryBundle('mobilesam', 512)).toBe('mobilesam');
  });

  it('is a larger one of the user, for the input sizes that it offers, and never another one than a user chose', async () => {
    await addToyWithMemory(60e6);
    expect(await preferMemoryBundle('mobilesam', 512)).toBe('toy');
    expect(await preferMemoryBundle('mobilesam', 768)).toBe('mobilesam');
    expect(await preferMemoryBundle('toy', 768)).toBe('toy');
  });

  it('has a whole memory network', async () => {
    await expect(addToyWithMemory(10, ['memory-key', 'memory-read'])).rejects.toThrow('a memory network without memory-value, memory-sizes');
  });
});

describe('a bundle of SAM 2', () => {
  const addTiny = (): ReturnType<typeof addBundle> => addBundle(join(__dirname, '../../golden/sam2/bundle'));

  it('can be added, has what the memory tracker needs, and is what auto takes when it is the largest', async () => {
    expect((await addTiny()).name).toBe('sam2-tiny');
    await ensureBundle('sam2-tiny');
    expect(hasMemoryNetwork((await findBundle('sam2-tiny')).manifest)).toBe(true);
    expect(await preferMemoryBundle('mobilesam', 128)).toBe('mobilesam');
    const large = sandbox.manifest('large', GRAPH, '0'.repeat(60e6)) as LooseManifest;
    large.files = [...SAM2_GRAPHS.map((graph) => `${graph}-512`), SAM2_SETTINGS_ROLE].map((role) => ({ ...large.files[0], role, path: `${role}.onnx` }));
    const folder = sandbox.write('large', { ...large, family: 'sam2' }, GRAPH);
    for (const { path } of large.files) writeFileSync(join(folder, String(path)), GRAPH);
    sandbox.writeWeights('0'.repeat(60e6));
    await addBundle(folder);
    await ensureBundle('large');
    expect(await preferMemoryBundle('mobilesam', 512)).toBe('large');
    expect(await preferMemoryBundle('mobilesam', 1024)).toBe('mobilesam');
  });

  it('has all graphs for every size', async () => {
    const manifest = { ...(sandbox.manifest('toy', GRAPH, 'weights') as LooseManifest), family: 'sam2' };
    await expect(addBundle(sandbox.write('toy', manifest, GRAPH))).rejects.toThrow('without sam2-settings, decoder-512, memory-attention-512, memory-encoder-512');
  });

  it('that is not here is said how to make, with the address and licence of its weights', async () => {
    await expect(findBundle('sam2.1-hiera-base-plus')).rejects.toMatchObject({
      failure: 'NotFound',
      message: expect.stringMatching(/092824\/sam2\.1_hiera_base_plus\.pt \(Apache-2\.0\).*export\.py --model sam2\.1-hiera-base-plus.*vamg models add/),
    });
    await expect(findBundle('sam2-hiera-tiny')).rejects.toThrow('072824/sam2_hiera_tiny.pt');
    await expect(findBundle('sam2.1-hiera-huge')).rejects.toThrow('Add one with');
    await expect(findBundle('cutie-base-mega')).rejects.toThrow(/v1\.0\/cutie-base-mega\.pth \(MIT\).*infra\/export\/cutie\/export\.py --model cutie-base-mega.*vamg models add/);
    await expect(findBundle('xmem')).rejects.toThrow(/v1\.0\/XMem\.pth \(MIT\).*infra\/export\/xmem\/export\.py --model xmem --checkpoint XMem\.pth/);
  });
});

describe('a tracker without an image model of its own', () => {
  /** A folder with all graphs of a tracker. */
  function writeTracker(name: string, manifest: Record<string, unknown>): string {
    const [file] = (manifest as LooseManifest).files;
    const files = [CUTIE_SETTINGS_ROLE, ...CUTIE_GRAPHS].map((role) => ({ ...file, role, path: `${role}.onnx` }));
    const folder = sandbox.write(name, { family: 'cutie', ...manifest, files, name }, GRAPH);
    for (const { path } of files) writeFileSync(join(folder, path), GRAPH);
    return folder;
  }

  /** Adds a tracker called memo whose weights can be fetched. */
  async function addTracker(bytes: number, more: Record<string, unknown> = {}): Promise<void> {
    const weights = '0'.repeat(bytes);
    const { inputSizes: _none, family: _sam, ...manifest } = sandbox.manifest('memo', GRAPH, weights);
    await addBundle(writeTracker('memo', { ...manifest, ...more }));
    sandbox.writeWeights(weights);
  }

  it('is fetched and resolved together with its image model, whose sizes it takes', async () => {
    await addTracker(7, { imageModel: 'toy' });
    await expect(isBundleReady('memo')).resolves.toBe(false);
    await expect(ensureBundle('memo')).rejects.toMatchObject({ failure: 'NotFound', message: expect.stringContaining('"toy"') });
    await addBundle(sandbox.write('toy', sandbox.manifest('toy', GRAPH, '0000000'), GRAPH));
    await expect(resolveBundle('memo')).rejects.toThrow('of bundle toy is not here yet');
    expect(await isBundleReady('memo')).toBe(false);
    const pair = await ensureBundle('memo');
    expect(await isBundleReady('memo')).toBe(true);
    expect(pair.image).toEqual(await resolveBundle('toy'));
    expect(inputSizesOf(pair)).toEqual([512]);
    expect(await resolveBundle('memo')).toEqual(pair);
  });

  it('has the identity of both', async () => {
    const add = (description: string): ReturnType<typeof addBundle> => addBundle(sandbox.write('toy', { ...sandbox.manifest('toy', GRAPH, '0000000'), description }, GRAPH));
    await addTracker(7, { imageModel: 'toy' });
    await add('one');
    const one = await ensureBundle('memo');
    expect(one.sha256).not.toBe((await findBundle('memo')).sha256);
    await add('another');
    const another = await ensureBundle('memo');
    expect(another.sha256).not.toBe(one.sha256);
    expect(another.directory).toBe(one.directory);
  });

  it('has mobilesam for an image model unless it says otherwise, and is what auto takes when it is the largest', async () => {
    await addTracker(10);
    const { manifest } = await findBundle('memo');
    expect([imageModelOf(manifest), hasMemoryNetwork(manifest)]).toEqual(['mobilesam', true]);
    expect(await preferMemoryBundle('mobilesam', 768)).toBe('mobilesam');
    // Stopped before anything of mobilesam is fetched.
    const stop = new AbortController();
    const onProgress = ({ file, step }: { file: string; step: string }): void => {
      if (file === 'weights.bin' && step === 'done') stop.abort(new Error('stop'));
    };
    await expect(ensureBundle('memo', { signal: stop.signal, onProgress })).rejects.toThrow('stop');
    expect(await isBundleReady('memo')).toBe(false);
    expect(await preferMemoryBundle('mobilesam', 768)).toBe('memo');
    expect(await preferMemoryBundle('mobilesam', 640)).toBe('mobilesam');
  });

  it.each([
    ['sizes of its own', { inputSizes: [512] }, 'takes the inputSizes of its image model'],
    ['no sizes where it is an image model', { family: 'sam' }, 'needs inputSizes'],
    ['an image model where it is one', { family: 'sam', inputSizes: [512], imageModel: 'toy' }, 'segments pictures itself'],
    ['a path for an image model', { imageModel: '../toy' }, 'imageModel'],
  ])('is refused with %s', async (_what, more, message) => {
    await expect(addTracker(7, more)).rejects.toThrow(message);
  });

  it.each([['itself', 'memo'], ['another tracker', 'memo2']])('is refused with %s as its image model', async (_what, imageModel) => {
    await addTracker(7, { imageModel });
    const { inputSizes: _none, family: _sam, ...other } = sandbox.manifest('memo2', GRAPH, '0000000');
    await addBundle(writeTracker('memo2', other));
    await expect(ensureBundle('memo')).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringMatching(/names (itself|memo2, which is|memo2 as its image model)/) });
  });
});

describe('adding a bundle', () => {
  it('makes it known by its name', async () => {
    await addToy();
    expect((await listBundles()).bundles.map(({ name, origin }) => [name, origin])).toEqual([['mobilesam', 'built-in'], ['toy', 'user']]);
    expect(await isBundleReady('toy')).toBe(false);
  });

  it('of a kind that cannot be read stops nobody but those who ask for it', async () => {
    await addToy();
    sandbox.write('user/later', { ...sandbox.manifest('later', GRAPH, 'weights'), schemaVersion: 2 }, GRAPH);
    expect((await listBundles()).bundles.map(({ name }) => name)).toEqual(['mobilesam', 'toy']);
    expect(await findBundle('toy')).toMatchObject({ name: 'toy' });
    expect((await listBundles()).unreadable.map(({ name }) => name)).toEqual(['later']);
    await expect(findBundle('later')).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('bundle later') });
  });

  it.each([
    ['a file that has other bytes', (manifest: LooseManifest) => (manifest.files[0]!['sha256'] = '0'.repeat(64)), /sha256/],
    ['weights that the manifest does not list', (manifest: LooseManifest) => (manifest.files[0]!['external'] = []), /does not list/],
    ['the name of a built-in bundle', (manifest: LooseManifest) => (manifest['name'] = 'mobilesam'), /built-in/],
    ['a path that leaves the folder', (manifest: LooseManifest) => (manifest.files[0]!['path'] = '../graph.onnx'), /plain file name/],
    ['an unknown key', (manifest: LooseManifest) => (manifest['extra'] = 1), /extra/],
    ['a download over plain http', (manifest: LooseManifest) => (manifest.downloads[0]!['sources'] = [{ kind: 'https', url: 'http://example.org/w' }]), /url/i],
    ['the same name twice', (manifest: LooseManifest) => (manifest.downloads[0]!['name'] = 'GRAPH.onnx'), /twice|does not/],
  ])('refuses %s', async (_what, spoil, message) => {
    const manifest = sandbox.manifest('toy', GRAPH, 'weights') as LooseManifest;
    spoil(manifest);
    await expect(addBundle(sandbox.write('toy', manifest, GRAPH))).rejects.toThrow(message);
    expect((await listBundles()).bundles).toHaveLength(1);
  });

  it.each(['../weights.bin', '/etc/passwd', 'a/weights.bin', '..\\weights.bin', '.hidden', ''])('refuses a graph whose weights are at %p', async (location) => {
    const graph = onnxWithExternal(location);
    const manifest = sandbox.manifest('toy', graph, 'weights');
    await expect(addBundle(sandbox.write('toy', manifest, graph))).rejects.toThrow('beside the graph');
  });

  it('refuses links and folders without a manifest', async () => {
    const directory = sandbox.write('toy', sandbox.manifest('toy', GRAPH, 'weights'), GRAPH);
    unlinkSync(join(directory, 'graph.onnx'));
    symlinkSync('/etc/hostname', join(directory, 'graph.onnx'));
    await expect(addBundle(directory)).rejects.toThrow('links are not followed');
    await expect(addBundle(sandbox.root)).rejects.toMatchObject({ failure: 'NotFound' });
  });
});

describe('ensureBundle', () => {
  it('puts graphs and fetched weights side by side, and is ready at once the second time', async () => {
    await addToy();
    const steps: string[] = [];
    const bundle = await ensureBundle('toy', { onProgress: ({ file, step }) => steps.push(`${file} ${step}`) });
    expect(readdirSync(bundle.directory).sort()).toEqual(['graph.onnx', 'verified.json', 'weights.bin']);
    expect(bundle.directory).toContain(`toy-${bundle.sha256.slice(0, 12)}`);
    expect(bundleFilePath(bundle, 'encoder-512')).toBe(join(bundle.directory, 'graph.onnx'));
    expect(() => bundleFilePath(bundle, 'decoder-512')).toThrow('has no decoder-512');
    expect(steps.filter((step) => step.endsWith('done'))).toHaveLength(2);
    const again: string[] = [];
    await ensureBundle('toy', { onProgress: ({ file }) => again.push(file) });
    expect(again).toEqual([]);
  });

  it('lets many callers pull at once and fetches each file once', async () => {
    await addToy();
    let done = 0;
    const bundles = await Promise.all(Array.from({ length: 5 }, () => ensureBundle('toy', { onProgress: ({ step }) => (done += step === 'done' ? 1 : 0) })));
    expect(new Set(bundles.map((bundle) => bundle.directory)).size).toBe(1);
    expect(done).toBe(2);
    expect(existsSync(`${bundles[0]!.directory}.lock`)).toBe(false);
  });

  it('refuses wrong bytes, leaves none behind, and says what to do', async () => {
    await addToy();
    sandbox.writeWeights('WEIGHTS');
    await expect(ensureBundle('toy')).rejects.toMatchObject({ failure: 'SetupMissing', message: expect.stringMatching(/not the pinned ones.*set VAMG_TEST_WEIGHTS/) });
    const { sha256 } = await findBundle('toy');
    expect(readdirSync(join(sandbox.root, 'cache/models', `toy-${sha256.slice(0, 12)}`))).not.toContain('weights.bin');
    sandbox.writeWeights('weights');
    await ensureBundle('toy');
    expect(await isBundleReady('toy')).toBe(true);
  });

  it('does not start when it is already cancelled', async () => {
    await addToy();
    await expect(ensureBundle('toy', { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });
});

describe('resolving and verifying', () => {
  it('says which file is missing, and names the bundles there are', async () => {
    await addToy();
    await expect(resolveBundle('toy')).rejects.toMatchObject({ failure: 'SetupMissing', message: expect.stringContaining('vamg models pull toy') });
    await expect(resolveBundle('nope')).rejects.toMatchObject({ failure: 'NotFound', message: expect.stringContaining('mobilesam, toy') });
  });

  it('accepts right files whose time changed, and finds files whose bytes changed', async () => {
    await addToy();
    const { directory } = await ensureBundle('toy');
    utimesSync(join(directory, 'weights.bin'), 1, 1);
    expect(await isBundleReady('toy')).toBe(false);
    expect(await verifyBundle('toy')).toEqual({ missing: [], wrong: [] });
    expect(await isBundleReady('toy')).toBe(true);
    writeFileSync(join(directory, 'weights.bin'), 'WEIGHTS');
    expect(await verifyBundle('toy')).toEqual({ missing: [], wrong: ['weights.bin'] });
    expect(await verifyBundle('toy')).toEqual({ missing: ['weights.bin'], wrong: [] });
    await expect(resolveBundle('toy')).rejects.toThrow('not here yet');
  });
});
