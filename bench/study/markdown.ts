/** One row of a markdown table. */
export const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** The first two rows of a markdown table. */
export const head = (columns: readonly (string | number)[]): string[] => [row(...columns), row(...columns.map(() => '---'))];

/** The upper one of the two in the middle of an even number. */
export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** 0 for an empty list. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
