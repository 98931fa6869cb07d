/**
 * The palette of PASCAL VOC and DAVIS: 256 RGB triples, 768 bytes. The bits of the index are dealt out to red, green and blue, highest
 * first, so that neighbouring indices look different; index 0 is black.
 */
export function vocPalette(): Uint8Array {
  const palette = new Uint8Array(768);
  for (let index = 0; index < 256; index++) {
    for (let bit = 0; bit < 8; bit++) {
      for (let channel = 0; channel < 3; channel++) {
        if ((index >> bit) & 1 && bit % 3 === channel) palette[index * 3 + channel]! |= 128 >> Math.floor(bit / 3);
      }
    }
  }
  return palette;
}
