import { copyFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Chromium, findChromium, type BrowserPage } from '../../bench/chromium';
import { serveResult, type ResultServer } from '../../cli/view/result-server';
import { complaintsOf, DESKTOP, frameShown, reads, seek } from '../support/viewer-page';
import { BORDER, FRAMES, GAP, HEIGHT, LABEL, squareLeft, WIDTH, writeViewerResult } from '../support/viewer-result';

const chromium = findChromium();
const describeInBrowser = chromium === null ? describe.skip : describe;
const suffix = chromium === null ? ' (skipped: there is no Chromium on this machine; install one, or name it in CHROMIUM_PATH)' : '';

if (chromium === null) process.stderr.write(`Browser tests${suffix}\n`);

const rowIds = '[...document.querySelectorAll("#rows .row")].sort((a, b) => a.getAttribute("aria-posinset") - b.getAttribute("aria-posinset")).map((row) => Number(row.dataset.id))';
const isSelected = (id: number): string => `document.querySelector('[data-id="${id}"]')?.classList.contains("selected")`;
/** RGBA of the mask layer at a mask pixel. */
const maskPixel = (x: number, y: number): string => `(() => { const c = document.getElementById("masks"); return [...c.getContext("2d").getImageData(Math.floor((${x} + 0.5) * c.width / ${WIDTH}), Math.floor((${y} + 0.5) * c.height / ${HEIGHT}), 1, 1).data]; })()`;
describeInBrowser(`the page of a result in Chromium${suffix}`, () => {
  let folder: string;
  let browser: Chromium;
  let page: BrowserPage;
  /** Clicks the film at a mask pixel. */
  const clickFilm = async (x: number, y: number): Promise<void> => {
    const [left, top, width, height] = await page.evaluate<[number, number, number, number]>('(() => { const b = document.getElementById("masks").getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()');
    await page.click(left + ((x + 0.5) * width) / WIDTH, top + ((y + 0.5) * height) / HEIGHT);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vamg-viewer-'));
    await writeViewerResult(folder);
    browser = await Chromium.start(chromium!);
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe('from disk', () => {
    beforeEach(async () => {
      page = await browser.open(pathToFileURL(join(folder, 'index.html')).href, DESKTOP);
      await page.until(reads(0));
      await page.until('document.getElementById("film").readyState >= 2');
    });
    afterEach(async () => {
      // Whatever a test did: the page said nothing, and asked for nothing but its own files.
      expect(complaintsOf(page)).toEqual([]);
      expect(page.requests.filter((url) => !url.startsWith(pathToFileURL(folder).href) && !url.startsWith('data:'))).toEqual([]);
      await page.close();
    });

    it('shows the film, the objects and what the user called them, as text', async () => {
      expect(await page.evaluate('document.title')).toBe('squares </script>.mp4 · video-amg');
      expect(await page.evaluate('document.getElementById("nofilm").hidden')).toBe(true);
      expect(await page.evaluate(rowIds)).toEqual([1, 2, 3, 4]);
      expect(await page.evaluate(`document.querySelector('[data-id="4"] b').textContent`)).toBe(`4 ${LABEL}`);
    });

    it('paints masks in the colour of their object, and nothing beside them', async () => {
      await page.evaluate('document.getElementById("names").click()');
      const [r, g, b, a] = await page.evaluate<number[]>(maskPixel(128, 68));
      const colour = await page.evaluate<string>(`getComputedStyle(document.querySelector('[data-id="2"] i')).backgroundColor`);
      const expected = /(\d+), (\d+), (\d+)/.exec(colour)!.slice(1).map(Number);
      [r!, g!, b!].forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(2));
      expect(a).toBeGreaterThan(80);
      expect(await page.evaluate(maskPixel(80, 10))).toEqual([0, 0, 0, 0]);
      await page.press('m');
      expect(await page.evaluate(maskPixel(128, 68))).toEqual([0, 0, 0, 0]);
    });

    it('steps by frames with the keyboard, over the borders of files, and shows where each mask is then', async () => {
      await page.press('ArrowRight');
      await page.until(reads(1));
      await page.press('ArrowRight', true);
      await page.until(reads(11));
      await page.press('ArrowLeft');
      await page.until(reads(10));
      await page.evaluate('document.getElementById("names").click()');
      expect((await page.evaluate<number[]>(maskPixel(squareLeft(10) + 10, 40)))[3]).toBeGreaterThan(80);
      expect((await page.evaluate<number[]>(maskPixel(squareLeft(10) + 24, 40)))[3]).toBe(0);
      await page.press('End');
      await page.until(reads(FRAMES - 1));
      await page.press('Home');
      await page.until(reads(0));
      await seek(page, 119);
      await page.press('ArrowRight');
      await page.until(reads(120));
    });

    it('selects what is clicked in the film and tells everything about it', async () => {
      await clickFilm(squareLeft(0) + 10, 40);
      await page.until(isSelected(1));
      const details = await page.evaluate<string>('document.getElementById("details").innerText');
      expect(details).toContain('Object 1');
      expect(details).toMatch(/Not seen in between \(1\)/);
      expect(details).toMatch(/Stitched borders \(1\)/);
      // The other object is faded, and comes back when the selection goes.
      const before = (await page.evaluate<number[]>(maskPixel(124, 72)))[3]!;
      await page.press('Escape');
      await page.move(2, 2);
      await page.until(`!${isSelected(1)}`);
      expect((await page.evaluate<number[]>(maskPixel(124, 72)))[3]!).toBeGreaterThan(before * 2);
    });

    it('chooses objects with the arrow keys and goes to where they begin, return and end', async () => {
      await page.press('ArrowDown');
      await page.until(isSelected(1));
      await page.press('g');
      await page.until(reads(GAP[1]));
      await page.press('b');
      await page.until(reads(0));
      for (let i = 0; i < 2; i++) await page.press('ArrowDown');
      await page.until(isSelected(3));
      await page.press('f');
      await page.until(reads(160));
      await page.press('l');
      await page.until(reads(FRAMES - 1));
    });

    it('finds by ID and by label, and goes to the first appearance', async () => {
      await page.press('/');
      await page.until('document.activeElement.id === "search"');
      await page.type('2-3');
      expect(await page.evaluate(rowIds)).toEqual([2, 3]);
      await page.evaluate('document.getElementById("search").select()');
      await page.type('DOG');
      expect(await page.evaluate(rowIds)).toEqual([4]);
      await page.press('Enter');
      await page.until(reads(10));
      expect(await page.evaluate(isSelected(4))).toBe(true);
      await page.evaluate('document.getElementById("search").select()');
      await page.type('cat');
      expect(await page.evaluate(rowIds)).toEqual([]);
      await page.clickOn('#clear');
      expect(await page.evaluate(rowIds)).toEqual([1, 2, 3, 4]);
    });

    it('filters by size, duration and score, in the film too when asked, and sorts', async () => {
      const set = (id: string, value: number): Promise<unknown> => page.evaluate(`(() => { const e = document.getElementById("${id}"); e.value = ${value}; e.dispatchEvent(new Event("input")); })()`);
      await set('min-score', 50);
      expect(await page.evaluate(rowIds)).toEqual([1, 2, 3]);
      await set('min-score', 80);
      expect(await page.evaluate(rowIds)).toEqual([1]);
      expect((await page.evaluate<number[]>(maskPixel(124, 72)))[3]).toBeGreaterThan(0);
      await page.evaluate('document.getElementById("filter-film").click()');
      expect((await page.evaluate<number[]>(maskPixel(124, 72)))[3]).toBe(0);
      await set('min-score', 0);
      await set('min-time', 95);
      expect(await page.evaluate(rowIds)).toEqual([1]);
      await set('min-time', 0);
      await set('min-size', 60);
      expect(await page.evaluate(rowIds)).toEqual([1, 2, 3]);
      await page.evaluate('(() => { const e = document.getElementById("sort"); e.value = "score"; e.dispatchEvent(new Event("input")); })()');
      await set('min-size', 0);
      expect(await page.evaluate(rowIds)).toEqual([4, 2, 3, 1]);
    });

    it('leads to a doubtful join and shows both sides', async () => {
      await page.press('n');
      await page.until('document.getElementById("join").open');
      expect(await page.evaluate('document.getElementById("join-title").textContent')).toMatch(/^2 → 3: (ambiguous|suggested)/);
      await page.until('/object 2/.test(document.getElementById("join-left-text").textContent)');
      // The side after is the first frame that shows the object, not the first that its chunk computed.
      await page.until('/object 3 .* frame 160/.test(document.getElementById("join-right-text").textContent)');
      expect(await page.evaluate('document.getElementById("join-left-text").textContent')).toContain(`frame ${BORDER - 1}`);
      await page.press('n');
      await page.clickOn('#join-film');
      await page.until(reads(160));
      expect(await page.evaluate(isSelected(3))).toBe(true);
      await page.clickOn('#tab-joins');
      expect(await page.evaluate('document.querySelectorAll(".joins .join").length')).toBe(2);
    });

    it('seeks by the lane, closer when zoomed', async () => {
      const laneClick = async (share: number): Promise<void> => {
        const [x, y, width] = await page.evaluate<[number, number, number]>(`(() => { const b = document.querySelector('[data-id="1"] .lane').getBoundingClientRect(); return [b.x, b.y + b.height / 2, b.width]; })()`);
        await page.click(x + share * width, y);
      };
      await laneClick(0.5005);
      await page.until(reads(150));
      await page.press('+');
      await laneClick(0.0005);
      await page.until(reads(75));
      await page.press('0');
      await laneClick(0.0005);
      await page.until(reads(0));
    });

    it('shows help, and plays', async () => {
      await page.press('?');
      await page.until('document.getElementById("help").open');
      expect(await page.evaluate('document.querySelectorAll("#key-table tr").length')).toBeGreaterThan(8);
      await page.press('Escape');
      await page.until('!document.getElementById("help").open');
      await page.press('k');
      await page.until(`${frameShown} > 5`);
      await page.press('k');
      await page.until('document.getElementById("film").paused');
    });
  });

  it('shows the masks alone when the film is missing, and says so; and says so when masks are', async () => {
    const bare = join(folder, 'bare');
    await cp(join(folder, 'viewer'), join(bare, 'viewer'), { recursive: true });
    await rm(join(bare, 'viewer', 'preview.mp4'));
    await rm(join(bare, 'viewer', 'masks-00001.js'));
    await copyFile(join(folder, 'index.html'), join(bare, 'index.html'));
    page = await browser.open(pathToFileURL(join(bare, 'index.html')).href, DESKTOP);
    await page.until(`${reads(0)} && !document.getElementById("nofilm").hidden`);
    await page.evaluate('document.getElementById("names").click()');
    await seek(page, 118);
    await page.press('ArrowLeft');
    await page.until(reads(117));
    expect((await page.evaluate<number[]>(maskPixel(128, 68)))[3]).toBeGreaterThan(80);
    await page.press('ArrowRight', true);
    await page.until('/masks of this part are missing/.test(document.getElementById("notice").textContent) && !document.getElementById("notice").hidden');
    expect(await page.evaluate(maskPixel(128, 68))).toEqual([0, 0, 0, 0]);
    await page.press('End');
    await page.until(reads(FRAMES - 1));
    await page.close();
  });

  describe('from vamg view', () => {
    let server: ResultServer;
    beforeAll(async () => {
      server = await serveResult(folder);
    });
    afterAll(async () => server?.close());

    it('fits a phone: nothing sticks out, and the tabs lead to all three parts', async () => {
      page = await browser.open(server.url, { width: 390, height: 844, colorScheme: 'dark', isPhone: true });
      await page.until(reads(0));
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      for (const [tab, panel] of [['details', 'details'], ['joins', 'joins'], ['list', 'objects']]) {
        await page.clickOn(`#tab-${tab}`);
        expect(await page.evaluate(`document.getElementById("${panel}").getBoundingClientRect().height`)).toBeGreaterThan(150);
      }
      const sticksOut = await page.evaluate<string[]>('[...document.querySelectorAll("button, input, select")].filter((e) => e.offsetParent !== null && e.getBoundingClientRect().right > 391).map((e) => e.id || e.className)');
      expect(sticksOut).toEqual([]);
      expect(complaintsOf(page)).toEqual([]);
      await page.close();
    });

    it('gives every control a name', async () => {
      page = await browser.open(server.url, DESKTOP);
      await page.until(reads(0));
      const { nodes } = (await page.send('Accessibility.getFullAXTree')) as { nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[] };
      const controls = nodes.filter((node) => !node.ignored && ['button', 'slider', 'combobox', 'checkbox', 'searchbox', 'tab'].includes(node.role?.value ?? ''));
      expect(controls.length).toBeGreaterThan(15);
      expect(controls.filter((node) => (node.name?.value ?? '').trim() === '')).toEqual([]);
      await page.close();
    });
  });
});
