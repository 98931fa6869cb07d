/**
 * By how much the owner of a pixel is decided: the largest logit less the next one, where 0 stands for nobody.
 * @param pixel row-major, in a picture of width x height
 * @param logits of all objects that may own it: squares that cover the picture, upsampled bilinearly with half-pixel centres, in float64
 */
export function marginAt(pixel: number, { width, height }: { readonly width: number; readonly height: number }, logits: readonly Float32Array[]): number {
  const values = [0];
  for (const square of logits) {
    const side = Math.sqrt(square.length);
    const [left, right, across] = between(pixel % width, width / side, side);
    const [top, bottom, down] = between(Math.floor(pixel / width), height / side, side);
    const row = (y: number): number => square[y * side + left]! * (1 - across) + square[y * side + right]! * across;
    values.push(row(top) * (1 - down) + row(bottom) * down);
  }
  const [first, second] = values.sort((a, b) => b - a);
  return first! - second!;
}

function between(pixel: number, cell: number, cells: number): readonly [number, number, number] {
  const at = Math.min(Math.max((pixel + 0.5) / cell - 0.5, 0), cells - 1);
  const first = Math.floor(at);
  return [first, Math.min(first + 1, cells - 1), at - first];
}
