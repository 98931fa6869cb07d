import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addBundle, ensureBundle, listBundles, resolveBundle } from '../../../models/bundles';
import { OrtSession } from '../../../models/runtime/ort-session';
import { BundleSandbox, onnxWithExternal, sha256 } from '../../unit/models/bundle-folder';

/** Where a graph may say that its weights are, to have other files read. */
const PLACES = ['../weights.bin', '../../../../../etc/passwd', '/etc/passwd', 'file:///etc/passwd', 'sub/weights.bin', './weights.bin', '..\\weights.bin', 'C:\\weights.bin', 'weights.bin/../../x', 'WEIGHTS.BIN', 'w\0eights.bin', '~/weights.bin', ''];

let sandbox: BundleSandbox;
beforeEach(() => {
  sandbox = new BundleSandbox();
  sandbox.writeWeights('weights');
});
afterEach(() => sandbox.dispose());

/** A bundle that was not given to `vamg models add` but put where that puts them. */
function placeByHand(graph: Uint8Array, external: string[] = ['weights.bin']): string {
  return sandbox.write('user/toy', sandbox.manifest('toy', graph, 'weights', external), graph);
}
const cacheFiles = (): string[] => {
  const models = path.join(sandbox.root, 'cache/models');
  return existsSync(models) ? (readdirSync(models, { recursive: true }) as string[]) : [];
};

describe.each(PLACES)('a graph with weights at %j', (place) => {
  const graph = onnxWithExternal(place);
  const refused = { failure: 'BadConfig', message: expect.stringMatching(/weights must lie beside the graph\.$|does not list under "external"\.$/) as string };

  it('is not added', async () => {
    await expect(addBundle(sandbox.write('new', sandbox.manifest('toy', graph, 'weights'), graph))).rejects.toMatchObject(refused);
    expect((await listBundles()).bundles.map(({ name }) => name)).toEqual(['mobilesam']);
  });

  it('is not made ready either when it was put in place by hand', async () => {
    placeByHand(graph);
    await expect(ensureBundle('toy')).rejects.toMatchObject(refused);
    await expect(resolveBundle('toy')).rejects.toMatchObject({ name: 'VamgError' });
  });
});

it('a graph that reads another graph of the bundle as weights, unlisted, is refused', async () => {
  const graph = onnxWithExternal('graph.onnx');
  placeByHand(graph);
  await expect(ensureBundle('toy')).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('does not list') as string });
});

it('a graph under a name that is not searched for weights is not loaded', async () => {
  const file = path.join(sandbox.root, 'graph.bin');
  writeFileSync(file, onnxWithExternal('/etc/passwd'));
  await expect(OrtSession.open(file, 'toy encoder-512')).rejects.toMatchObject({ failure: 'BadConfig', message: expect.not.stringContaining(sandbox.root) as string });
});

describe('links in a bundle', () => {
  const GRAPH = onnxWithExternal('weights.bin');

  it.each(['graph.onnx', 'weights.bin'])('%s as a link is not added, though its bytes are right', async (name) => {
    const directory = sandbox.write('new', sandbox.manifest('toy', GRAPH, 'weights'), GRAPH);
    const outside = path.join(sandbox.root, 'outside');
    writeFileSync(outside, name === 'graph.onnx' ? GRAPH : 'weights');
    rmSync(path.join(directory, name), { force: true });
    symlinkSync(outside, path.join(directory, name));
    await expect(addBundle(directory)).rejects.toMatchObject({ failure: 'BadConfig', message: `${name} must be a plain file; links are not followed.` });
  });

  it('weights that are a link to a file of this machine never reach the cache', async () => {
    const directory = placeByHand(GRAPH);
    delete process.env['VAMG_TEST_WEIGHTS'];
    symlinkSync('/etc/passwd', path.join(directory, 'weights.bin'));
    await expect(ensureBundle('toy')).rejects.toMatchObject({ failure: 'SetupMissing', message: expect.stringContaining('not the pinned ones') as string });
    expect(cacheFiles().filter((file) => file.includes('weights'))).toEqual([]);
  });
});

it.each(['../x.onnx', '/etc/passwd', 'a/b.onnx', '.onnx', 'x\0.onnx', '-x.onnx', 'x:y.onnx'])('a manifest whose file is called %j is refused before any file is looked at', async (name) => {
  const graph = onnxWithExternal('weights.bin');
  const manifest = sandbox.manifest('toy', graph, 'weights') as { files: { path: string }[]; downloads: { name: string }[] };
  manifest.files[0]!.path = name;
  await expect(addBundle(sandbox.write('new', manifest, graph))).rejects.toMatchObject({ failure: 'BadConfig', message: expect.stringContaining('plain file name') as string });
  manifest.files[0]!.path = 'graph.onnx';
  manifest.downloads[0]!.name = name;
  await expect(addBundle(sandbox.write('new', manifest, graph))).rejects.toMatchObject({ failure: 'BadConfig' });
  mkdirSync(path.join(sandbox.root, 'user'), { recursive: true });
  expect(readdirSync(path.join(sandbox.root, 'user'))).toEqual([]);
});

it('a good bundle put in place by hand is made ready, so that what is refused above is refused for its fault', async () => {
  const graph = onnxWithExternal('weights.bin');
  placeByHand(graph);
  const { directory, manifest } = await ensureBundle('toy');
  expect(readdirSync(directory).sort()).toEqual(['graph.onnx', 'verified.json', 'weights.bin']);
  expect(manifest.files[0]).toMatchObject({ sha256: sha256(graph) });
});
