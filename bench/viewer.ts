/**
 * Is the page of an hour of video with 200 objects as quick and as small as that of a minute? Writes two made-up results that differ in
 * length only, opens both from disk in headless Chromium and measures load, seek, step, playing and memory. Linux, with Chromium.
 *
 *   npm run bench:viewer [-- --minutes 60 --objects 200 --json]
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { Chromium, findChromium, type BrowserPage } from './chromium';
import { processTree } from './process-tree';
import { writeLongResult } from './study/long-result';
import { head, median, row } from './study/markdown';

interface Measured {
  readonly frames: number;
  readonly buildSeconds: number;
  readonly diskMegabytes: number;
  readonly pageMegabytes: number;
  readonly loadMs: number;
  readonly seekMsMedian: number;
  readonly seekMsWorst: number;
  readonly stepMsMedian: number;
  readonly filterMsMedian: number;
  readonly playedFramesPerSecond: number;
  readonly heapMegabytes: number;
  readonly browserMegabytes: number;
  readonly rowsMade: number;
}

const SEEKS = 40;
const PLAY_MS = 8000;
const reads = (frame: number): string => `Number(document.getElementById("frame").textContent.replace(/\\D/g, "")) === ${frame} && document.getElementById("notice").hidden`;
/** Milliseconds in the page from `act` until the frame is there with its masks. */
const timed = (act: string, frame: number): string => `(async () => { const start = performance.now(); ${act}; while (!(${reads(frame)})) await new Promise((done) => setTimeout(done, 1)); return performance.now() - start; })()`;
const seekTo = (frame: number): string => `(() => { const e = document.getElementById("seek"); e.value = ${frame}; e.dispatchEvent(new Event("input")); })()`;

async function heapMegabytes(page: BrowserPage): Promise<number> {
  await page.send('HeapProfiler.enable');
  await page.send('HeapProfiler.collectGarbage');
  const { metrics } = (await page.send('Performance.getMetrics')) as { metrics: { name: string; value: number }[] };
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / 1e6;
}

async function browse(folder: string, frames: number, chromium: string): Promise<Omit<Measured, 'frames' | 'buildSeconds' | 'diskMegabytes' | 'pageMegabytes'>> {
  const browser = await Chromium.start(chromium);
  try {
    const startedAt = performance.now();
    const page = await browser.open(pathToFileURL(join(folder, 'index.html')).href, { width: 1280, height: 800 });
    await page.send('Performance.enable');
    await page.until(`${reads(0)} && document.getElementById("film").readyState >= 2`, 60_000);
    const loadMs = performance.now() - startedAt;
    const seeks: number[] = [];
    const steps: number[] = [];
    for (let i = 0; i < SEEKS; i++) {
      const frame = Math.floor((((i * 0.618033988749895) % 1) * frames) / 2) * 2;
      seeks.push(await page.evaluate<number>(timed(seekTo(frame), frame)));
      if (frame + 1 < frames) steps.push(await page.evaluate<number>(timed('document.getElementById("next").click()', frame + 1)));
    }
    const filters: number[] = [];
    for (let i = 0; i < 20; i++) filters.push(await page.evaluate<number>(`(async () => { const e = document.getElementById("min-score"); e.value = ${50 + i * 2}; const start = performance.now(); e.dispatchEvent(new Event("input")); await new Promise(requestAnimationFrame); return performance.now() - start; })()`));
    await page.evaluate('(() => { const e = document.getElementById("min-score"); e.value = 0; e.dispatchEvent(new Event("input")); })()');
    await page.evaluate(seekTo(Math.floor(frames / 3)));
    await page.until(reads(Math.floor(frames / 3)));
    const playedFrames = await page.evaluate<number>(`(async () => { let seen = 0; let last = ''; const text = document.getElementById("frame"); const watch = new MutationObserver(() => { if (text.textContent !== last && document.getElementById("notice").hidden) { seen++; last = text.textContent; } }); watch.observe(text, { childList: true, characterData: true, subtree: true }); document.getElementById("play").click(); await new Promise((done) => setTimeout(done, ${PLAY_MS})); document.getElementById("play").click(); watch.disconnect(); return seen; })()`);
    if (page.complaints.length > 0) throw new Error(`the page complained: ${page.complaints.join('; ')}`);
    return {
      loadMs,
      seekMsMedian: median(seeks),
      seekMsWorst: Math.max(...seeks),
      stepMsMedian: median(steps),
      filterMsMedian: median(filters),
      playedFramesPerSecond: (playedFrames / PLAY_MS) * 1000,
      heapMegabytes: await heapMegabytes(page),
      browserMegabytes: processTree(browser.pid).reduce((sum, one) => sum + one.rssBytes, 0) / 1e6,
      rowsMade: await page.evaluate<number>('document.querySelectorAll("#rows .row").length'),
    };
  } finally {
    await browser.close();
  }
}

async function folderMegabytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes / 1e6;
}

async function measure(folder: string, minutes: number, objects: number, chromium: string): Promise<Measured> {
  const startedAt = performance.now();
  const frames = await writeLongResult(folder, { minutes, objects });
  const buildSeconds = (performance.now() - startedAt) / 1000;
  const diskMegabytes = await folderMegabytes(folder);
  const pageMegabytes = (await stat(join(folder, 'index.html'))).size / 1e6;
  const seen = await browse(folder, frames, chromium);
  await rm(folder, { recursive: true });
  return { frames, buildSeconds, diskMegabytes, pageMegabytes, ...seen };
}

const ROWS: readonly (readonly [name: string, key: keyof Measured, digits: number])[] = [
  ['frames', 'frames', 0],
  ['masks and film on disk, MB', 'diskMegabytes', 0],
  ['index.html, MB', 'pageMegabytes', 2],
  ['writing film and page, s', 'buildSeconds', 1],
  ['load until the first frame with its masks, ms', 'loadMs', 0],
  ['seek to any frame, median, ms', 'seekMsMedian', 0],
  ['seek, worst of 40, ms', 'seekMsWorst', 0],
  ['one frame on, median, ms', 'stepMsMedian', 0],
  ['filter 200 objects, median, ms', 'filterMsMedian', 1],
  ['frames with masks per second at 24', 'playedFramesPerSecond', 1],
  ['JavaScript heap after all that, MB', 'heapMegabytes', 1],
  ['all processes of Chromium, MB', 'browserMegabytes', 0],
  ['rows of the list that exist', 'rowsMade', 0],
];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, objects: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } } });
  const chromium = findChromium();
  if (chromium === null) throw new Error('There is no Chromium on this machine; install one, or name it in CHROMIUM_PATH.');
  const folder = await mkdtemp(join(tmpdir(), 'vamg-bench-viewer-'));
  try {
    const short = await measure(join(folder, 'short'), 1, Number(values.objects), chromium);
    const long = await measure(join(folder, 'long'), Number(values.minutes), Number(values.objects), chromium);
    if (values.json) return console.log(JSON.stringify({ short, long }, null, 2));
    for (const line of head([`${values.objects} objects`, '1 minute', `${values.minutes} minutes`, 'ratio'])) console.log(line);
    for (const [name, key, digits] of ROWS) console.log(row(name, short[key].toFixed(digits), long[key].toFixed(digits), (long[key] / short[key]).toFixed(2)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
