const SAM2_CHECKPOINTS = 'https://dl.fbaipublicfiles.com/segment_anything_2';
const EDGETAM_CHECKPOINT = 'https://github.com/facebookresearch/EdgeTAM/raw/main/checkpoints/edgetam.pt';
const SAM2_SIZES = ['tiny', 'small', 'base-plus', 'large'];

const CUTIE_CHECKPOINTS = 'https://github.com/hkchengrex/Cutie/releases/download/v1.0';
const XMEM_CHECKPOINTS = 'https://github.com/hkchengrex/XMem/releases/download/v1.0';
const AOT_CHECKPOINTS = 'https://github.com/yoxu515/aot-benchmark/blob/main/MODEL_ZOO.md';

/** How a bundle that is not here is made of public weights, for an error message; undefined for a name that is not known. */
export function howToMake(name: string): string | undefined {
  return howToMakeSam2(name) ?? howToMakeCutie(name) ?? howToMakeDeaot(name) ?? howToMakeXmem(name);
}

function howToMakeDeaot(name: string): string | undefined {
  const [, encoder = '', kind, size] = /^(r50-|r101-)?((?:de)?aot)([tsbl])$/.exec(name) ?? [];
  if (kind === undefined || size === undefined || (encoder !== '' && size !== 'l') || (encoder === 'r101-' && kind === 'deaot')) return undefined;
  const model = `${encoder.toUpperCase().replace('-', '_')}${kind.replace('de', 'De').replace('aot', 'AOT')}${size.toUpperCase()}`;
  const file = `${model}_PRE_YTB_DAV.pth`;
  return `It is made of ${file}, to which ${AOT_CHECKPOINTS} links (BSD-3-Clause): \`python infra/export/deaot/export.py --model ${name} --checkpoint ${file} --out ${name}\`, then \`vamg models add ${name}\`; see docs/models.md.`;
}

function howToMakeCutie(name: string): string | undefined {
  if (!/^cutie-(base|small)-(mega|wmose|nomose)$/.test(name)) return undefined;
  return `It is made of ${CUTIE_CHECKPOINTS}/${name}.pth (MIT): \`python infra/export/cutie/export.py --model ${name} --checkpoint ${name}.pth --out ${name}\`, then \`vamg models add ${name}\`; see docs/models.md.`;
}

function howToMakeXmem(name: string): string | undefined {
  if (name !== 'xmem' && name !== 'xmem-s012') return undefined;
  const file = `${name.replace('xmem', 'XMem')}.pth`;
  return `It is made of ${XMEM_CHECKPOINTS}/${file} (MIT): \`python infra/export/xmem/export.py --model ${name} --checkpoint ${file} --out ${name}\`, then \`vamg models add ${name}\`; see docs/models.md.`;
}

function howToMakeSam2(name: string): string | undefined {
  if (name === 'edgetam') return `It is made of ${EDGETAM_CHECKPOINT} (Apache-2.0): \`python infra/export/sam2/export.py --model edgetam --checkpoint edgetam.pt --out edgetam\` in the environment of infra/export/edgetam, then \`vamg models add edgetam\`; see docs/models.md.`;
  const [, version, size] = /^(sam2(?:\.1)?)-hiera-([a-z-]+)$/.exec(name) ?? [];
  if (version === undefined || size === undefined || !SAM2_SIZES.includes(size)) return undefined;
  const file = `${version}_hiera_${size.replace('-', '_')}.pt`;
  const checkpoint = `${SAM2_CHECKPOINTS}/${version === 'sam2' ? '072824' : '092824'}/${file}`;
  return `It is made of ${checkpoint} (Apache-2.0): \`python infra/export/sam2/export.py --model ${name} --checkpoint ${file} --out ${name}\`, then \`vamg models add ${name}\`; see docs/models.md.`;
}
