import { generateCropBoxes } from '../../../core/amg/crop-boxes';
import { isNearCropEdge } from '../../../core/amg/crop-edge';
import { buildLayerGrids, buildPointGrid } from '../../../core/amg/point-grid';
import { passesPredictedIou, passesStability, stabilityScore } from '../../../core/amg/stability-score';

const GRID_OPTIONS = { pointsPerSide: 8, pointGrids: null, cropNLayers: 1, cropNPointsDownscaleFactor: 2 };

describe('point grids', () => {
  it('centres the points in their cells, x fastest', () => {
    expect(buildPointGrid(2)).toEqual([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]);
    expect(buildPointGrid(1)).toEqual([[0.5, 0.5]]);
  });

  it('thins the grid of each crop layer', () => {
    expect(buildLayerGrids(GRID_OPTIONS).map((grid) => grid.length)).toEqual([64, 16]);
  });

  it.each([
    [{ ...GRID_OPTIONS, pointsPerSide: null }, /exactly one/],
    [{ ...GRID_OPTIONS, pointGrids: [[[0, 0] as [number, number]]] }, /exactly one/],
    [{ ...GRID_OPTIONS, pointsPerSide: 1 }, /no points/],
    [{ ...GRID_OPTIONS, pointsPerSide: null, pointGrids: [[[0, 0] as [number, number]]] }, /needs 2/],
  ])('refuses options that do not fit together: %#', (options, message) => {
    expect(() => buildLayerGrids(options)).toThrow(message);
  });
});

describe('crop boxes', () => {
  it('gives the whole picture alone without layers', () => {
    expect(generateCropBoxes(640, 360, 0, 0.3)).toEqual([{ box: [0, 0, 640, 360], layer: 0 }]);
  });

  it("gives the boxes of SAM's generate_crop_boxes for 640x360 and two layers", () => {
    const boxes = generateCropBoxes(640, 360, 2, 512 / 1500);
    expect(boxes).toHaveLength(1 + 4 + 16);
    expect(boxes.slice(1, 5).map((crop) => crop.box)).toEqual([[0, 0, 381, 241], [0, 119, 381, 360], [259, 0, 640, 241], [259, 119, 640, 360]]);
    expect(boxes[20]).toEqual({ box: [435, 225, 640, 360], layer: 2 });
  });

  it('covers thin pictures without crops outside of them', () => {
    for (const { box } of generateCropBoxes(3, 500, 3, 0.3)) {
      expect(box[2]).toBeGreaterThan(box[0]);
      expect(box[3]).toBeGreaterThan(box[1]);
    }
  });
});

describe('crop edges', () => {
  const crop = [100, 100, 300, 300] as const;
  it.each([
    [[120, 150, 200, 200], true],
    [[121, 150, 200, 200], false],
    [[150, 150, 280, 200], true],
    [[150, 150, 279, 279], false],
  ] as const)('measures 20 pixels from the crop edge: %p', (box, expected) => {
    expect(isNearCropEdge(box, crop, 640, 480)).toBe(expected);
  });

  it('accepts boxes at an edge that is also the edge of the picture', () => {
    expect(isNearCropEdge([5, 50, 100, 100], [0, 0, 300, 300], 640, 480)).toBe(false);
    expect(isNearCropEdge([5, 50, 290, 100], [0, 0, 300, 300], 640, 480)).toBe(true);
  });
});

describe('score tests', () => {
  it('fails masks that are empty at both cut-offs, even with the test switched off', () => {
    expect(stabilityScore(0, 0)).toBeNaN();
    expect(passesStability(Number.NaN, 0)).toBe(false);
  });

  it('keeps stability equal to the threshold and predicted IoU only above it', () => {
    expect(passesStability(0.95, 0.95)).toBe(true);
    expect(passesStability(0.9, 0.95)).toBe(false);
    expect(passesPredictedIou(0.88, 0.88)).toBe(false);
    expect(passesPredictedIou(0.89, 0.88)).toBe(true);
    expect(passesPredictedIou(-1, 0)).toBe(true);
  });
});
