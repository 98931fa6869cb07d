import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEMORY_ROLES } from '../../../contracts/memory-network';
import { findBundle } from '../../../models/bundles/bundle-list';
import { checkExternalData, findExternalData } from '../../../models/bundles/onnx-external-data';
import { lengthField as field } from '../../../bench/study/protobuf-bytes';

describe('the built-in MobileSAM bundle', () => {
  it('pins the bytes of its committed graphs, and each graph keeps weights only in the files it lists', async () => {
    const { manifest, directory } = await findBundle('mobilesam');
    const fault = 'run node models/bundles/mobilesam/write-bundle.mjs after exporting';
    for (const file of manifest.files) {
      const bytes = readFileSync(join(directory, file.path));
      expect([file.path, createHash('sha256').update(bytes).digest('hex'), fault]).toEqual([file.path, file.sha256, fault]);
      expect(bytes.length).toBe(file.bytes);
      if (!file.path.endsWith('.onnx')) continue;
      expect(findExternalData(bytes)).toEqual(file.external);
      expect(() => checkExternalData(bytes, file.path, file.external)).not.toThrow();
    }
  });

  it('has an encoder and both decoders for every input size and a memory network, and says under which licence', async () => {
    const { manifest } = await findBundle('mobilesam');
    const roles = manifest.files.map((file) => file.role).sort();
    const perSize = manifest.inputSizes.flatMap((size) => [`encoder-${size}`, `decoder-${size}`, `points-decoder-${size}`]);
    expect(roles).toEqual([...perSize, ...MEMORY_ROLES].sort());
    for (const file of [...manifest.files, ...manifest.downloads]) expect(file.licence).toBe('Apache-2.0');
  });
});

describe('findExternalData', () => {
  const tensor = (location: string): Buffer => field(5, field(13, field(1, 'location'), field(2, location)));
  it('finds tensors in sub-graphs, attributes, functions and sparse tensors', () => {
    const subGraph = field(1, field(5, field(6, tensor('in-if-branch'))));
    const attribute = field(1, field(5, tensor('in-constant')));
    const sparse = field(15, field(1, field(13, field(1, 'location'), field(2, 'sparse'))));
    const functions = field(25, field(7, field(5, tensor('in-function'))));
    expect(findExternalData(Buffer.concat([field(7, subGraph, attribute, sparse), functions])).sort()).toEqual(['in-constant', 'in-function', 'in-if-branch', 'sparse']);
  });

  it('passes over other fields and refuses what is not a model', () => {
    expect(findExternalData(Buffer.from([8, 1, 17, 0, 0, 0, 0, 0, 0, 0, 0, 29, 0, 0, 0, 0]))).toEqual([]);
    expect(() => findExternalData(Buffer.from('<html>not a model</html>'))).toThrow('not a well-formed ONNX model');
    expect(() => findExternalData(field(7, tensor('cut off')).subarray(0, 12))).toThrow('not a well-formed ONNX model');
  });
});
