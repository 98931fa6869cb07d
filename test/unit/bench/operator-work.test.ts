import { lengthField, numberField } from '../../../bench/study/protobuf-bytes';
import { operationsOf, readProfile, type OperatorRun } from '../../../bench/study/operator-work';

const run = (operator: string, inputs: readonly (readonly number[])[], output: readonly number[]): OperatorRun => ({
  operator,
  inputs: inputs.map((float) => ({ float })),
  outputs: [{ float: output }],
  milliseconds: 1,
});

describe('operations of an operator', () => {
  it('are two for each multiplication of a matrix product, whichever side is transposed', () => {
    expect(operationsOf(run('MatMul', [[8, 56, 1024], [8, 1024, 256]], [8, 56, 256]))).toBe(2 * 8 * 56 * 1024 * 256);
    expect(operationsOf(run('FusedMatMul', [[8, 1024, 256], [8, 56, 256]], [8, 1024, 56]))).toBe(2 * 8 * 1024 * 56 * 256);
    expect(operationsOf(run('FusedMatMul', [[30, 7], [30, 5]], [7, 5]))).toBe(2 * 7 * 5 * 30);
    // Weights that were packed when the graph was loaded are no longer among the inputs.
    expect(operationsOf(run('Gemm', [[8192, 256], [64]], [8192, 64]))).toBe(2 * 8192 * 64 * 256);
  });

  it('are those of a window for each number of a convolution', () => {
    expect(operationsOf(run('Conv', [[1, 3, 16, 16], [8, 3, 3, 3], [8]], [1, 8, 8, 8]))).toBe(2 * 8 * 8 * 8 * 27);
    expect(operationsOf(run('Conv', [[1, 8, 16, 16], [8, 1, 3, 3]], [1, 8, 16, 16]))).toBe(2 * 8 * 16 * 16 * 9);
    expect(operationsOf(run('ConvTranspose', [[1, 4, 5, 5], [4, 2, 2, 2]], [1, 2, 10, 10]))).toBe(2 * 4 * 25 * 8);
  });

  it('are none elsewhere', () => {
    expect(operationsOf(run('Add', [[5], [5]], [5]))).toBe(0);
  });
});

describe('a profile', () => {
  const event = (name: string, operator: string, dur: number): object => ({ cat: 'Node', name, dur, args: { op_name: operator, input_type_shape: [{ float: [2, 3] }], output_type_shape: [{ float: [2, 4] }] } });

  it('gives operators with their time, not those that only hold others, nor what is no operator', () => {
    const text = JSON.stringify([{ cat: 'Session', name: 'model_run', dur: 9 }, event('a_kernel_time', 'MatMul', 1500), event('s_kernel_time', 'Scan', 4000), event('a_fence_before', 'MatMul', 1)]);
    expect(readProfile(text)).toEqual([{ operator: 'MatMul', inputs: [{ float: [2, 3] }], outputs: [{ float: [2, 4] }], milliseconds: 1.5 }]);
  });
});

describe('protobuf bytes', () => {
  it('are those of the format', () => {
    // The examples of protobuf.dev/programming-guides/encoding: 150 in field 1, "testing" in field 2.
    expect([...numberField(1, 150)]).toEqual([0x08, 0x96, 0x01]);
    expect(lengthField(2, 'testing').toString('hex')).toBe('120774657374696e67');
  });
});
