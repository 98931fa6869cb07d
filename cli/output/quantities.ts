const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** "1.2 GB"; units of a thousand. */
export function sayBytes(bytes: number): string {
  let power = 0;
  while (bytes >= 999.5 && power < UNITS.length - 1) [bytes, power] = [bytes / 1000, power + 1];
  return `${power === 0 || bytes >= 99.5 ? Math.round(bytes) : bytes.toFixed(1)} ${UNITS[power]}`;
}

/** "1 object", "2 objects". */
export function sayCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
