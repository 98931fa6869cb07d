/** Red, green, blue, 0..255. */
export type Rgb = readonly [number, number, number];

/** Successive IDs turn the hue by the golden angle, so that any few neighbours in number are far apart in hue. */
const GOLDEN_ANGLE_DEGREES = 137.50776405003785;
/**
 * Neighbouring IDs also differ in lightness, which people see who cannot tell the hues apart. Seven steps, because hues repeat nearly every
 * third ID under red-green blindness; their order was searched for the largest distances among any seven IDs in a row, for normal sight and
 * for protanopia, deuteranopia and tritanopia (a test measures them).
 */
const LIGHTNESS = [0.56, 0.49, 0.89, 0.62, 0.76, 0.82, 0.69] as const;
const CHROMA = 0.19;

/** Colour of an object: a pure function of its ID, so it is the same in every frame, file and run. */
export function objectColour(id: number): Rgb {
  const hue = (((id * GOLDEN_ANGLE_DEGREES + 25) % 360) * Math.PI) / 180;
  const lightness = LIGHTNESS[id % LIGHTNESS.length]!;
  for (let chroma = CHROMA; ; chroma -= 0.01) {
    const rgb = oklabToSrgb(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
    if (chroma <= 0 || rgb.every((value) => value >= 0 && value <= 1)) {
      return [toByte(rgb[0]), toByte(rgb[1]), toByte(rgb[2])];
    }
  }
}

/** `objectColour` as "#rrggbb". */
export function objectColourHex(id: number): string {
  return '#' + objectColour(id).map((value) => value.toString(16).padStart(2, '0')).join('');
}

/** Black or white, whichever reads better on `background` (WCAG relative luminance). */
export function inkOn(background: Rgb): Rgb {
  const [r, g, b] = background.map((value) => Math.pow(value / 255, 2.2)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? [0, 0, 0] : [255, 255, 255];
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value * 255)));
}

/** Oklab (Ottosson 2020) to gamma-encoded sRGB; outside 0..1 when the colour cannot be shown. */
function oklabToSrgb(lightness: number, a: number, b: number): [number, number, number] {
  const l = Math.pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  const m = Math.pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  const s = Math.pow(lightness - 0.0894841775 * a - 1.291485548 * b, 3);
  return [
    encodeGamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encodeGamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encodeGamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function encodeGamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
}
