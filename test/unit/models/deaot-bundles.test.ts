import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasMemoryNetwork, imageModelOf, parseBundleManifest } from '../../../models/bundles';
import { howToMake } from '../../../models/bundles/public-models';

const text = readFileSync(join(__dirname, '../../golden/deaot/deaots/bundle.json'), 'utf8');
const tiny = JSON.parse(text) as { files: { role: string }[] };

describe('a DeAOT bundle', () => {
  it('is a tracker with the built-in image model', () => {
    const { manifest } = parseBundleManifest(text, 'tiny');
    expect([hasMemoryNetwork(manifest), imageModelOf(manifest), manifest.inputSizes]).toEqual([true, 'mobilesam', []]);
    expect(imageModelOf(parseBundleManifest(JSON.stringify({ ...tiny, imageModel: 'sam-large' }), 'tiny').manifest)).toBe('sam-large');
  });

  it('has all four graphs', () => {
    const files = tiny.files.filter(({ role }) => role !== 'identify' && role !== 'deaot-settings');
    expect(() => parseBundleManifest(JSON.stringify({ ...tiny, files }), 'tiny')).toThrow('of family deaot without deaot-settings, identify');
  });

  it('that is not here is asked for with its checkpoint and licence', () => {
    expect(howToMake('r50-deaotl')).toMatch(/R50_DeAOTL_PRE_YTB_DAV\.pth.*MODEL_ZOO\.md.*BSD-3-Clause.*deaot\/export\.py --model r50-deaotl.*vamg models add r50-deaotl/);
    expect(howToMake('aott')).toContain('AOTT_PRE_YTB_DAV.pth');
    expect(howToMake('r101-aotl')).toContain('R101_AOTL_PRE_YTB_DAV.pth');
    expect(['r101-deaotl', 'r50-aots', 'aotx', 'deaot'].map(howToMake)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
