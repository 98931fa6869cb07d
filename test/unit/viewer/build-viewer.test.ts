import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { encodeRle } from '../../../core/mask/rle';
import { rleToCocoString, toCocoRle } from '../../../core/mask/rle-string';
import { objectColourHex } from '../../../core/render/object-colour';
import type { MaskLine } from '../../../contracts/pipeline-artefacts';
import { buildViewer, CHARACTERS_PER_FILE, FRAMES_PER_FILE, type ViewerSummary } from '../../../viewer/build-viewer';
import { ObjectTimelines } from '../../../viewer/object-timelines';

const WIDTH = 24;
const HEIGHT = 16;

function square(x0: number) {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 4; y < 9; y++) data.fill(1, y * WIDTH + x0, y * WIDTH + x0 + 5);
  return encodeRle({ width: WIDTH, height: HEIGHT, data });
}

const coco = (rle: Parameters<typeof toCocoRle>[0]): { size: [number, number]; counts: string } => {
  const { size, counts } = toCocoRle(rle);
  return { size: [size[0], size[1]], counts };
};

async function* lines(count: number): AsyncGenerator<MaskLine> {
  for (let i = 0; i < count; i++) {
    const objects: MaskLine['objects'] = [{ id: 1, score: 0.9, bbox: [2, 4, 5, 5], area: 25, segmentation: coco(square(2)) }];
    if (i >= 10 && i < 20) objects.push({ id: 2, score: 0.8, bbox: [9, 4, 5, 5], area: 99, segmentation: coco(square(9)) });
    yield { frame: i * 2, time: i / 10, objects };
  }
}

async function build(count: number, title = 'film.mp4', more: Partial<ViewerSummary> = {}): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  await buildViewer({
    resultSummary: { title, width: WIDTH, height: HEIGHT, seams: [120], ...more },
    masks: lines(count),
    writeFile: async (name, content) => void files.set(name, content),
  });
  return files;
}

function pageData(html: string) {
  return JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]!);
}

describe('buildViewer', () => {
  it('writes the masks in files of 120 frames that call vamgMasks with their index', async () => {
    const files = await build(FRAMES_PER_FILE + 5);
    expect([...files.keys()].sort()).toEqual(['index.html', 'viewer/masks-00000.js', 'viewer/masks-00001.js']);
    const seen: [number, number][] = [];
    vm.runInNewContext(files.get('viewer/masks-00001.js')!, { vamgMasks: (index: number, frames: unknown[]) => seen.push([index, frames.length]) });
    expect(seen).toEqual([[1, 5]]);
  });

  it('puts larger objects first in a frame so that parts are drawn over wholes', async () => {
    const files = await build(12);
    let frames: [number, number, [number][]][] = [];
    vm.runInNewContext(files.get('viewer/masks-00000.js')!, { vamgMasks: (_: number, list: typeof frames) => (frames = list) });
    expect(frames[11]![2].map((object) => object[0])).toEqual([2, 1]);
  });

  it('tells the page when every object is visible, in its own colour', async () => {
    const data = pageData((await build(30)).get('index.html')!);
    expect(data.frames).toBe(30);
    expect(data.objects[1]).toMatchObject({ id: 2, frames: 10, meanArea: 99, spans: [10, 20], firstTime: 1, lastTime: 1.9, colour: objectColourHex(2) });
  });

  it('lets no name of a video break out of the page', async () => {
    const html = (await build(1, '</script><script>alert(1)</script>')).get('index.html')!;
    expect(html).not.toContain('<script>alert(1)');
    expect(pageData(html).title).toBe('</script><script>alert(1)</script>');
  });

  it('closes a file early when its masks are long, and says where each file begins', async () => {
    const files = new Map<string, string>();
    async function* long(): AsyncGenerator<MaskLine> {
      for (let frame = 0; frame < 5; frame++) yield { frame, time: frame, objects: [{ id: 1, score: 1, bbox: [0, 0, 1, 1], area: frame + 1, segmentation: { size: [1, 1], counts: frame === 4 ? '01' : '0'.repeat(CHARACTERS_PER_FILE / 2) } }] };
    }
    await buildViewer({ resultSummary: { title: 't', width: 1, height: 1 }, masks: long(), writeFile: async (name, content) => void files.set(name, content) }).catch((error: unknown) => expect(error).toBeInstanceOf(RangeError));
    expect([...files.keys()].filter((name) => name !== 'index.html')).toEqual(['viewer/masks-00000.js', 'viewer/masks-00001.js', 'viewer/masks-00002.js']);
    expect(pageData((await build(125)).get('index.html')!)).toMatchObject({ fileStarts: [0, 120], fileTimes: [0, 12] });
  });

  it('lets no label break out of the page', async () => {
    const html = (await build(1, 't', { labels: new Map([[1, '</script><b>']]) })).get('index.html')!;
    expect(html).not.toContain('</script><b>');
    expect(pageData(html).objects[0].label).toBe('</script><b>');
  });

  it('uses no network: the page names no address of another place', async () => {
    const html = (await build(2)).get('index.html')!.replaceAll('http://www.w3.org/2000/svg', '');
    expect(html).not.toMatch(/https?:\/\//);
  });

  it('makes a page even when there are no frames', async () => {
    expect(pageData((await build(0)).get('index.html')!).objects).toEqual([]);
  });
});

describe('the RLE reader of the page', () => {
  it('reads the same runs as the library, with negative differences and long runs', () => {
    const source = readFileSync(path.join(__dirname, '../../../viewer/page/rle.js'), 'utf8');
    const counts = Uint32Array.from([70000, 1, 3, 900, 2, 1, 40000, 7]);
    const width = 1;
    const rle = { width, height: counts.reduce((a, b) => a + b, 0), counts };
    const decoded = vm.runInNewContext(`${source};decodeRuns(text)`, { text: rleToCocoString(rle) }) as number[];
    expect([...decoded]).toEqual([...counts]);
  });
});

describe('ObjectTimelines', () => {
  it('keeps the memory of a flickering object bounded', () => {
    const timelines = new ObjectTimelines();
    for (let i = 0; i < 20_000; i += 2) timelines.add(i, i / 25, { id: 5, score: 0.9, area: 10, bbox: [0, 0, 1, 1], segmentation: coco(square(2)) });
    const [object] = timelines.finish();
    expect(object!.spans.length).toBeLessThanOrEqual(1200);
    expect(object!.frames).toBe(10_000);
    expect(object!.spans[0]).toBe(0);
    expect(object!.spans.at(-1)).toBe(19_999);
  });
});
