/* What tests ask the page of a result: expressions for `page.evaluate` and `page.until`, and what is done with them. */
import type { BrowserPage } from '../../bench/chromium';
import { HEIGHT, WIDTH } from './viewer-result';

export const DESKTOP = { width: 1280, height: 800 };

/** Frame number as the page tells it. */
export const frameShown = 'Number(document.getElementById("frame").textContent.replace(/\\D/g, ""))';
/** Whether that frame is shown, with its masks. */
export const reads = (frame: number): string => `${frameShown} === ${frame} && document.getElementById("notice").hidden`;

/** Left edge, in mask pixels, of what is bright in the film and painted in the masks, on row 40. Needs a page that may read its film. */
export const leftEdges = `(() => {
  const edge = (canvas, is) => { const y = Math.floor(canvas.height * 40.5 / ${HEIGHT}); const row = canvas.getContext('2d').getImageData(0, y, canvas.width, 1).data; for (let x = 0; x < canvas.width; x++) if (is(row, x * 4)) return x * ${WIDTH} / canvas.width; return -1; };
  return [edge(document.getElementById('picture'), (d, i) => d[i] > 150), edge(document.getElementById('masks'), (d, i) => d[i + 3] > 0)];
})()`;

/** What the page said, less a hint about how this test reads pixels. */
export const complaintsOf = (page: BrowserPage): string[] => page.complaints.filter((text) => !text.includes('willReadFrequently'));

/** Goes to a frame by the slider, and waits until it is shown. */
export async function seek(page: BrowserPage, frame: number): Promise<void> {
  await page.evaluate(`(() => { const seek = document.getElementById("seek"); seek.value = ${frame}; seek.dispatchEvent(new Event("input")); })()`);
  await page.until(reads(frame));
}
