import { tensor } from '../../../bench/study/case-tensors';
import { GraphRuns } from '../../../bench/study/graph-runs';
import { countWork } from '../../../bench/study/graph-work';
import { measurePeak } from '../../../bench/study/machine-peak';
import { bundleFilePath, ensureBundle } from '../../../models/bundles';
import { BundleGraphs } from '../../../models/runtime/bundle-graphs';

const ROWS = 8;
const COLUMNS = 8;
const CONTEXT = 32;

const sizesFor = (objects: number) => ({ context: [1, CONTEXT, ROWS, COLUMNS], masks: [objects, 1, ROWS, COLUMNS], others: [objects, 1, ROWS, COLUMNS] });

it('operations of a graph are those of its layers', async () => {
  const path = bundleFilePath(await ensureBundle('mobilesam'), 'memory-value');
  // training/network.py: 3 x 3 convolutions, 32 to 48 channels once for all objects; 2 to 48 and 48 to 15 for each. onnxruntime may fill 15 up to 16.
  const operations = (objects: number, values: number): number => 2 * ROWS * COLUMNS * 9 * (CONTEXT * 48 + objects * (2 * 48 + 48 * values));
  for (const objects of [1, 7]) {
    const work = await countWork(path, sizesFor(objects));
    expect(work.operations).toBeGreaterThanOrEqual(operations(objects, 15));
    expect(work.operations).toBeLessThanOrEqual(operations(objects, 16));
    expect(work.productShare).toBeGreaterThan(0);
    expect(work.productShare).toBeLessThan(1);
  }
});

it('runs of a graph are told by its role and the sizes of its inputs', async () => {
  const runs = new GraphRuns();
  const graphs = new BundleGraphs<'memory-value'>(await ensureBundle('mobilesam'), { onRun: runs.record });
  try {
    for (const objects of [1, 2, 2]) {
      const feeds = Object.entries(sizesFor(objects)).map(([name, dims]) => [name, tensor(dims, () => 0)] as const);
      await graphs.run('memory-value', Object.fromEntries(feeds));
    }
    const [role, ...others] = runs.roles();
    expect(others).toEqual([]);
    expect(role).toMatchObject({ role: 'memory-value', count: 3 });
    expect([...role!.bySizes.values()].map(({ inputSizes, count }) => [inputSizes['masks'], count])).toEqual([[[1, 1, ROWS, COLUMNS], 1], [[2, 1, ROWS, COLUMNS], 2]]);
    expect(runs.milliseconds()).toBeCloseTo(graphs.inferenceMs(), 6);
  } finally {
    await graphs.dispose();
  }
});

it('the pace of the machine is that of a product of two matrices', async () => {
  const [pace] = await measurePeak([1], 0.1);
  // Slower than 0.1 or faster than 100,000 GFLOP/s is no processor.
  expect(pace).toBeGreaterThan(0.1);
  expect(pace).toBeLessThan(1e5);
});
