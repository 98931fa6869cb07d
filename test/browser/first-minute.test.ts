import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Chromium, findChromium, type BrowserPage } from '../../bench/chromium';
import { serveResult } from '../../cli/view/result-server';
import { buildViewer } from '../../viewer/build-viewer';
import { LABEL, writeViewerResult } from '../support/viewer-result';

const chromium = findChromium();
const describeInBrowser = chromium === null ? describe.skip : describe;

/** What a person does who reads the page and clicks: the middle of the first thing in sight with this text, or with this place holder. */
const placeOf = (text: string): string => `(() => {
  const isSeen = (e) => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0 && e.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)); };
  const said = (e) => (e.placeholder || e.innerText || '').replace(/\\s+/g, ' ').trim();
  const found = [...document.querySelectorAll('button, input')].find((e) => isSeen(e) && said(e).startsWith(${JSON.stringify(text)}));
  if (found === undefined) return null;
  const b = found.getBoundingClientRect();
  return [b.x + b.width / 2, b.y + b.height / 2];
})()`;

describeInBrowser('somebody who sees the page for the first time, by what is written on it', () => {
  let folder: string;
  let browser: Chromium;
  let page: BrowserPage;
  const clickText = async (text: string): Promise<void> => {
    await page.until(`${placeOf(text)} !== null`);
    const [x, y] = await page.evaluate<[number, number]>(placeOf(text));
    await page.click(x, y);
  };
  const open = async (): Promise<void> => {
    page = await browser.open(pathToFileURL(join(folder, 'index.html')).href, { width: 1280, height: 800 });
    await page.until('document.getElementById("notice").hidden');
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vamg-first-'));
    browser = await Chromium.start(chromium!);
  });
  afterEach(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('finds an object, its first appearance and a doubtful join in six steps, and the whole list again', async () => {
    await writeViewerResult(folder);
    await open();
    await clickText('ID or label');
    await page.type('dog');
    await clickText(`4 ${LABEL}`.slice(0, 6));
    await page.until('document.querySelector("#details h2")?.innerText.includes("Object 4")');
    await clickText('0:00.5');
    await page.until('document.getElementById("frame").textContent === "frame 10"');
    await clickText('Joins to check (2)');
    await clickText('0:08.');
    await page.until('document.getElementById("join").open');
    expect(await page.evaluate('document.getElementById("join-title").innerText')).toMatch(/^2 → 3: (ambiguous|suggested)/);
    expect(await page.evaluate('document.getElementById("join-why").innerText')).toMatch(/^Two IDs: are they two objects\? Reason: ./);
    await page.until('/^before: object 2/.test(document.getElementById("join-left-text").innerText) && /^after: object 3/.test(document.getElementById("join-right-text").innerText)');
    await clickText('✕');
    await clickText('Show all');
    await page.until('document.querySelectorAll("#rows .row").length === 4 && document.getElementById("all").hidden && document.getElementById("search").value === ""');
  });

  it('loses no click when the picture of the object comes: it is drawn into the panel, which stays', async () => {
    await writeViewerResult(folder);
    const server = await serveResult(folder);
    try {
      page = await browser.open(server.url, { width: 1280, height: 800 });
      await page.evaluate(`document.querySelector('[data-id="4"] .name').click(); globalThis.facts = document.querySelector('#details dl'); 0`);
      await page.until('document.querySelector("#details .portrait").getContext("2d").getImageData(48, 48, 1, 1).data[3] === 255');
      expect(await page.evaluate('facts.isConnected')).toBe(true);
    } finally {
      await server.close();
    }
  });

  it('reads that there is nothing to check where nothing was stitched', async () => {
    await mkdir(join(folder, 'viewer'));
    const masks = (async function* () {
      for (const frame of [0, 1]) yield await Promise.resolve({ frame, time: frame / 25, objects: [] });
    })();
    await buildViewer({ resultSummary: { title: 'one chain', width: 16, height: 9 }, masks, writeFile: (path, content) => writeFile(join(folder, path), content) });
    await open();
    await clickText('Joins');
    expect(await page.evaluate('document.getElementById("joins").innerText')).toMatch(/^No joins to check: the film was followed in one go/);
  });
});
