import { objectColour } from '../../../core/render/object-colour';

/** What people without one kind of cone see, on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const SIGHTS: Record<string, readonly number[]> = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

const linear = (value: number): number => (value <= 0.04045 * 255 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);

/** Linear sRGB to Oklab (Ottosson 2020). */
function oklab([r, g, b]: readonly number[]): number[] {
  const l = Math.cbrt(0.4122214708 * r! + 0.5363325363 * g! + 0.0514459929 * b!);
  const m = Math.cbrt(0.2119034982 * r! + 0.6806995451 * g! + 0.1073969566 * b!);
  const s = Math.cbrt(0.0883024619 * r! + 0.2817188376 * g! + 0.6299787005 * b!);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

function seenAs(id: number, sight: readonly number[]): number[] {
  const rgb = objectColour(id).map(linear);
  return oklab([0, 1, 2].map((row) => Math.max(0, Math.min(1, rgb.reduce((sum, value, i) => sum + sight[row * 3 + i]! * value, 0)))));
}

/** Oklab distances of all pairs of the first 200 IDs that are at most `apart` apart; 0.02 can just be told apart. */
function distances(sight: readonly number[], apart: number): number[] {
  const seen = Array.from({ length: 200 }, (_, i) => seenAs(i + 1, sight));
  const found: number[] = [];
  for (let i = 0; i < seen.length; i++)
    for (let j = i + 1; j <= Math.min(seen.length - 1, i + apart); j++) found.push(Math.hypot(...seen[i]!.map((value, k) => value - seen[j]![k]!)));
  return found.sort((a, b) => a - b);
}

describe('colours of objects', () => {
  it.each(Object.entries(SIGHTS))('differ among any seven IDs in a row for people with %s', (_, sight) => {
    const list = distances(sight, 6);
    expect(list[Math.floor(list.length * 0.05)]).toBeGreaterThan(0.07);
    expect(list[Math.floor(list.length * 0.005)]).toBeGreaterThan(0.02);
  });
});
