import { Tensor } from 'onnxruntime-node';
import { packHalfs } from '../../../core/tracking/float16';
import { fromOrtTensor, toOrtTensor } from '../../../models/runtime/graph-tensor';
import { takeHalfs, takeOutput } from '../../../models/runtime/ort-session';

const floats = Float32Array.of(0, 1, -2.5, 1e-7, 1 / 3, 65504);
const halfs = packHalfs(floats);
const dims = [2, 3];

describe('what a graph answers', () => {
  it('is halfs as bits where it gives halfs, whatever the language makes of them', () => {
    for (const data of [halfs, Object.assign(Object.create(null), { buffer: halfs.buffer, byteOffset: halfs.byteOffset, length: halfs.length }) as Uint16Array])
      expect(fromOrtTensor({ type: 'float16', data, dims } as unknown as Tensor)).toEqual({ data: halfs, dims });
    expect(fromOrtTensor(new Tensor('float32', floats, dims))).toEqual({ data: floats, dims });
  });

  it('is taken as floats or as halfs', () => {
    const outputs = { floats: { data: floats, dims }, halfs: { data: halfs, dims } };
    expect(takeHalfs(outputs, 'floats')).toEqual({ data: halfs, dims });
    expect(takeHalfs(outputs, 'halfs').data).toBe(halfs);
    expect(takeOutput(outputs, 'floats').data).toBe(floats);
    expect([...takeOutput(outputs, 'halfs').data].map((value) => value.toPrecision(3))).toEqual(['0.00', '1.00', '-2.50', '1.19e-7', '0.333', '6.55e+4']);
    expect(() => takeHalfs(outputs, 'none')).toThrow('has no output none');
  });

  it('can be fed again, in the precision that is wanted', () => {
    const wants = (type: 'float16' | 'float32') => ({ isTensor: true, name: 'x', type, shape: [] }) as const;
    expect(new Uint16Array((toOrtTensor({ data: halfs, dims }, wants('float16')).data as Uint16Array).buffer)).toEqual(new Uint16Array(halfs.buffer));
    expect(toOrtTensor({ data: halfs, dims }, wants('float32')).data).toBeInstanceOf(Float32Array);
    expect(toOrtTensor({ data: floats, dims }, wants('float32')).data).toBe(floats);
  });
});
