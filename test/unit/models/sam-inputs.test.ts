import type { ImageEmbedding } from '../../../contracts/segmenter';
import { candidateProviders, listExecutionProviders, missingProvider } from '../../../models/runtime/execution-providers';
import { toNetworkPrompts } from '../../../models/sam/network-prompts';
import { resizePil } from '../../../models/sam/pil-resize';
import { fitLongestSide, preprocessImage } from '../../../models/sam/sam-preprocess';

const embedding = { imageWidth: 200, imageHeight: 100, validWidth: 512, validHeight: 256 } as ImageEmbedding;

describe('preprocessing', () => {
  it.each([
    [1280, 720, 1024, 1024, 576],
    [333, 500, 512, 341, 512],
    [1000, 1, 512, 512, 1],
    [3, 3, 768, 768, 768],
  ])('fits %ix%i into %i as %ix%i', (width, height, size, validWidth, validHeight) => {
    expect(fitLongestSide(width, height, size)).toEqual({ width: validWidth, height: validHeight });
  });

  it('keeps a picture of the right size, and a flat picture flat', () => {
    const flat = { width: 7, height: 5, data: new Uint8Array(105).fill(200) };
    expect(resizePil(flat, 7, 5, 'triangle').data).toEqual(flat.data);
    for (const [width, height] of [[3, 2], [40, 33], [7, 9]] as const) expect(new Set(resizePil(flat, width, height, 'triangle').data)).toEqual(new Set([200]));
  });

  it('normalises, separates the channels, and pads with zeros', () => {
    const image = { width: 4, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => [124, 116, 104][i % 3]!) };
    const { pixels, validWidth, validHeight } = preprocessImage(image, 4);
    expect([validWidth, validHeight, pixels.length]).toEqual([4, 2, 48]);
    expect(pixels[0]).toBeCloseTo((124 - 123.675) / 58.395, 6);
    expect(pixels[16]).toBeCloseTo((116 - 116.28) / 57.12, 6);
    expect(pixels[32]).toBeCloseTo((104 - 103.53) / 57.375, 6);
    expect(Array.from(pixels.subarray(8, 16))).toEqual(new Array(8).fill(0));
  });
});

describe('prompts for the decoder', () => {
  it('scales points and pads prompts without a box by an unused point', () => {
    const prompts = { count: 2, pointsPerPrompt: 1, pointCoords: Float32Array.of(10, 20, 100, 50), pointLabels: Float32Array.of(1, 0) };
    const network = toNetworkPrompts(embedding, prompts);
    expect(network.pointsPerPrompt).toBe(2);
    expect(Array.from(network.labels)).toEqual([1, -1, 0, -1]);
    expect(Array.from(network.coords, (value) => Math.round(value * 10) / 10)).toEqual([25.6, 51.2, 0, 0, 256, 128, 0, 0]);
  });

  it.each([[[2, 3]], [[1, -1]], [[2, 3, 1]]])('leaves prompts with labels %p alone', (labels) => {
    const prompts = { count: 1, pointsPerPrompt: labels.length, pointCoords: new Float32Array(labels.length * 2), pointLabels: Float32Array.from(labels) };
    expect(Array.from(toNetworkPrompts(embedding, prompts).labels)).toEqual(labels);
  });
});

describe('execution providers', () => {
  it('always offers cpu, last when the choice is ours', () => {
    expect(listExecutionProviders()).toContainEqual({ name: 'cpu', isInstalled: true });
    expect(candidateProviders('auto').at(-1)).toBe('cpu');
    expect(candidateProviders('cpu')).toEqual(['cpu']);
  });

  it('says why a GPU did not start, without paths of this machine', () => {
    const error = new Error('/build/cuda_call.cc:154 CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=host ; file=/build/x.cc');
    expect(missingProvider('cuda', error).message).toMatch(/^Device cuda cannot be used on this machine: no CUDA-capable device is detected \(it needs [^/]*docs\/gpu\.md\)\. Installed here: /);
    expect(missingProvider('abacus', new Error('no reason')).message).toMatch(/^Device abacus cannot be used on this machine\. Installed here: /);
  });

  it('says in one sentence that a device is not there', () => {
    expect(() => candidateProviders('abacus')).toThrow(/Device abacus cannot be used on this machine.*Use --device cpu or auto/);
  });
});
