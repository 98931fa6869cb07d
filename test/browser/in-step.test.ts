import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium, findChromium, type BrowserPage } from '../../bench/chromium';
import { serveResult, type ResultServer } from '../../cli/view/result-server';
import { complaintsOf, DESKTOP, leftEdges, reads, seek } from '../support/viewer-page';
import { squareLeft, writeViewerResult } from '../support/viewer-result';

const chromium = findChromium();
const describeInBrowser = chromium === null ? describe.skip : describe;

/** Edges this near, in mask pixels, are of one frame: the square moves two pixels a frame. */
const ONE_FRAME = 1.5;
/** Looks whenever something may just have been drawn, and keeps in `outOfStep` what was not of one frame. */
const watchEdges = `(() => {
  window.outOfStep = [];
  window.looks = 0;
  const look = (when) => {
    const [film, masks] = ${leftEdges};
    if (film < 0 || masks < 0) return;
    window.looks++;
    if (Math.abs(film - masks) >= ${ONE_FRAME}) window.outOfStep.push(when + ': film ' + film + ', masks ' + masks);
  };
  const film = document.getElementById('film');
  for (const event of ['seeking', 'seeked']) film.addEventListener(event, () => look(event));
  const onFilmFrame = () => { look('frame of the film'); film.requestVideoFrameCallback(onFilmFrame); };
  film.requestVideoFrameCallback(onFilmFrame);
  const onScreenFrame = () => { look('frame of the screen'); requestAnimationFrame(onScreenFrame); };
  requestAnimationFrame(onScreenFrame);
})()`;

describeInBrowser('film and masks in step, in Chromium', () => {
  let folder: string;
  let browser: Chromium;
  let server: ResultServer;
  let page: BrowserPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vamg-in-step-'));
    await writeViewerResult(folder);
    browser = await Chromium.start(chromium!);
    // Only a page from a server may read its film back.
    server = await serveResult(folder);
  });
  afterAll(async () => {
    await server?.close();
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await browser.open(server.url, DESKTOP);
    await page.until(reads(0));
    await page.until('document.getElementById("film").readyState >= 2');
    await page.evaluate('document.getElementById("names").click()');
  });
  afterEach(async () => {
    expect(complaintsOf(page)).toEqual([]);
    await page.close();
  });

  it('keeps masks on the very frame of the film, whatever the distances of the frames, playing and seeking', async () => {
    const checkEdges = async (): Promise<void> => {
      const [film, masks] = await page.evaluate<[number, number]>(leftEdges);
      expect(Math.abs(film - masks)).toBeLessThan(ONE_FRAME);
      expect(masks).toBeGreaterThanOrEqual(0);
    };
    for (const frame of [0, 1, 2, 3, 31, 64, 99, 141, 239, 240, 271]) {
      await seek(page, frame);
      await checkEdges();
      expect(Math.abs((await page.evaluate<[number, number]>(leftEdges))[1] - squareLeft(frame))).toBeLessThan(1);
    }
    await seek(page, 142);
    await page.press('k');
    for (let i = 0; i < 12; i++) {
      await checkEdges();
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 45))');
    }
  });

  it('never draws masks of another frame than the film, not even between a seek and its picture', async () => {
    await page.evaluate(watchEdges);
    // Far and near, onward and back; where object 1 is in sight and does not touch the edge.
    let frame = 0;
    for (let i = 0; i < 240; i++) {
      frame = i % 3 === 0 ? (i * 37) % 297 : frame + 1;
      await seek(page, frame);
    }
    await seek(page, 142);
    await page.press('k');
    await page.until(`Number(document.getElementById("seek").value) > 175`);
    expect(await page.evaluate<string[]>('window.outOfStep')).toEqual([]);
    expect(await page.evaluate<number>('window.looks')).toBeGreaterThan(400);
  });
});
