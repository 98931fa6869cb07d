import type { VideoNetwork } from '../../../contracts/video-network';
import { createTrackerSession } from '../../../core/tracking/create-session';
import { createTrackFrame } from '../../../core/tracking/feature-cache';
import type { TrackFrame } from '../../../core/tracking/types';
import { openVideoNetwork } from '../../../models/open-networks';
import type { Sam2Model } from '../../../models/sam2/sam2-model';
import { Golden, goldenImage } from './sam2-golden';
import type { TokenGolden } from './token-golden';
import { expectSameLinesInChains } from './tracker-chains';

/** What the trackers of XMem and Cutie promise, with the real graphs of a tiny bundle. */
export function describeTokenTracker(golden: TokenGolden<unknown>, { settingsRole, settingsFile, family }: { readonly settingsRole: string; readonly settingsFile: string; readonly family: abstract new (...all: never[]) => VideoNetwork }): void {
  // Pictures are segmented by another bundle.
  let segmenter: Sam2Model;
  let model: VideoNetwork;
  beforeAll(async () => {
    segmenter = await (new Golden('sam2')).open();
    model = await openVideoNetwork(golden.bundle(), segmenter, { intraOpThreads: 1 });
  });
  afterAll(() => Promise.all([segmenter.dispose(), model.dispose()]));

  const given = golden.given(golden.runs['long-term memory']!.lines[0]!.given);
  const frame = async (t: number): Promise<TrackFrame> => createTrackFrame(t, await goldenImage(t % 12), segmenter);

  it('is opened by its family, and refuses settings that are none', async () => {
    expect(model).toBeInstanceOf(family);
    const bundle = golden.bundle();
    const files = bundle.manifest.files.map((file) => (file.role === settingsRole ? { ...file, path: 'bundle.json' } : file));
    await expect(openVideoNetwork({ ...bundle, manifest: { ...bundle.manifest, files } }, segmenter)).rejects.toThrow(`${settingsFile} is not usable`);
  });

  it('goes on bit for bit from a snapshot, also with an object given or removed on the frame of the snapshot', async () => {
    const make = createTrackerSession('memory', { segmenter, memory: model });
    const session = make();
    await session.start(await frame(0));
    await session.addObjects(given);
    for (let t = 1; t <= 7; t++) await session.step(await frame(t));
    await session.addObjects([{ ...given[0]!, objectId: 9 }]);
    session.removeObjects([given[1]!.objectId]);
    const snapshot = session.snapshot();
    const other = make();
    await other.restore(snapshot, await frame(7));
    expect(other.snapshot()).toEqual(snapshot);
    for (let t = 8; t <= 11; t++) {
      const ours = await session.step(await frame(t));
      expect(ours.map(({ objectId }) => objectId)).toEqual([given[0]!.objectId, 9]);
      expect(await other.step(await frame(t))).toEqual(ours);
    }
    expect(other.snapshot()).toEqual(session.snapshot());
    await expect(make().restore(snapshot, await frame(6))).rejects.toThrow('of frame 7');
  });

  it('carries no more after sixty frames than after twenty', async () => {
    const session = createTrackerSession('memory', { segmenter, memory: model })();
    await session.start(await frame(0));
    await session.addObjects(given);
    const sizes: number[] = [];
    for (let t = 1; t <= 60; t++) {
      await session.step(await frame(t));
      sizes.push(session.snapshot().length);
    }
    expect(Math.max(...sizes.slice(20))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 20)) * 1.02);
  });

  it('gives in two chunks of a chain the lines of one run, and after a resume the same bytes', async () => {
    await expectSameLinesInChains({ segmenter, memory: model, given: given.map(({ objectId, rle }) => ({ objectId, rle })) });
  });
}
