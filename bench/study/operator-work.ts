/** Sizes of a tensor by the name of its type, as in a profile of onnxruntime: { float: [1, 64, 128] }. */
export type TypedSizes = Readonly<Record<string, readonly number[]>>;

/** One run of one operator in a profile of onnxruntime. */
export interface OperatorRun {
  readonly operator: string;
  readonly inputs: readonly TypedSizes[];
  readonly outputs: readonly TypedSizes[];
  readonly milliseconds: number;
}

const PRODUCTS = new Set(['MatMul', 'FusedMatMul', 'Gemm', 'MatMulInteger', 'DynamicQuantizeMatMul', 'MatMulIntegerToFloat']);
const CONVOLUTIONS = new Set(['Conv', 'FusedConv', 'ConvInteger', 'QLinearConv']);
/** Their own time is that of the operators inside them, which are in the profile as well. */
const CONTAINERS = new Set(['Scan', 'Loop', 'If']);

/**
 * Floating-point operations of the matrix products and convolutions of a run, a multiplication and an addition counting two, by the sizes of
 * what went in and came out; 0 for every other operator. Channels that onnxruntime adds to fill its blocks count.
 */
export function operationsOf({ operator, inputs, outputs }: OperatorRun): number {
  const [first, second] = inputs.map(sizesOf);
  const out = sizesOf(outputs[0]);
  if (PRODUCTS.has(operator)) return 2 * count(out) * sharedSide(first!, out);
  if (CONVOLUTIONS.has(operator)) return 2 * count(out) * count(second!.slice(1));
  if (operator === 'ConvTranspose') return 2 * count(first!) * count(second!.slice(1));
  return 0;
}

/** Whether `operationsOf` counts this operator. */
export function isCounted(operator: string): boolean {
  return PRODUCTS.has(operator) || CONVOLUTIONS.has(operator) || operator === 'ConvTranspose';
}

/** The runs of a profile: its text is JSON, a list of events. Operators that only hold others are left out. @throws SyntaxError */
export function readProfile(text: string): OperatorRun[] {
  const events = JSON.parse(text) as readonly ProfileEvent[];
  return events
    .filter(({ cat, name, args }) => cat === 'Node' && name.endsWith('_kernel_time') && !CONTAINERS.has(args!.op_name))
    .map(({ dur, args }) => ({ operator: args!.op_name, inputs: args!.input_type_shape, outputs: args!.output_type_shape, milliseconds: dur / 1000 }));
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name: string; readonly input_type_shape: readonly TypedSizes[]; readonly output_type_shape: readonly TypedSizes[] };
}

/** Length of the side that a product sums over: of the left matrix, the one that is not in the result. */
function sharedSide(left: readonly number[], out: readonly number[]): number {
  const [rows, columns] = [left.at(-2) ?? 1, left.at(-1)!];
  return left.length < 2 || rows === out.at(-2) ? columns : rows;
}

function sizesOf(sizes: TypedSizes | undefined): readonly number[] {
  return Object.values(sizes ?? {})[0] ?? [];
}

function count(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}
