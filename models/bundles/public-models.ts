const SAM2_CHECKPOINTS = 'https://dl.fbaipublicfiles.com/segment_anything_2';
const SAM2_SIZES = ['tiny', 'small', 'base-plus', 'large'];

/** How a bundle that is not here is made of public weights, for an error message; undefined for a name that is not known. */
export function howToMake(name: string): string | undefined {
  const [, version, size] = /^(sam2(?:\.1)?)-hiera-([a-z-]+)$/.exec(name) ?? [];
  if (version === undefined || size === undefined || !SAM2_SIZES.includes(size)) return undefined;
  const file = `${version}_hiera_${size.replace('-', '_')}.pt`;
  const checkpoint = `${SAM2_CHECKPOINTS}/${version === 'sam2' ? '072824' : '092824'}/${file}`;
  return `It is made of ${checkpoint} (Apache-2.0): \`python infra/export/sam2/export.py --model ${name} --checkpoint ${file} --out ${name}\`, then \`vamg models add ${name}\`; see docs/models.md.`;
}
