import { VamgError } from '../../contracts/errors';
import type { AmgOptions } from '../../contracts/amg-options';

/** Points [x, y] in 0..1 of the picture, row by row, x fastest. */
export type PointGrid = readonly (readonly [number, number])[];

/** n x n cell-centred grid: first point at 1/(2n), last at 1 - 1/(2n) (segment_anything/utils/amg.py, build_point_grid). */
export function buildPointGrid(pointsPerSide: number): PointGrid {
  const first = 1 / (2 * pointsPerSide);
  const step = pointsPerSide > 1 ? (1 - 2 * first) / (pointsPerSide - 1) : 0;
  const at = (i: number): number => first + i * step;
  return Array.from({ length: pointsPerSide * pointsPerSide }, (_, i) => [at(i % pointsPerSide), at(Math.floor(i / pointsPerSide))] as const);
}

/**
 * One grid per crop layer 0..cropNLayers: the caller's own, or floor(pointsPerSide / factor^layer) points per side.
 * @throws VamgError BadConfig when not exactly one of pointsPerSide and pointGrids is given, or a layer has no points.
 */
export function buildLayerGrids(options: Pick<AmgOptions, 'pointsPerSide' | 'pointGrids' | 'cropNLayers' | 'cropNPointsDownscaleFactor'>): PointGrid[] {
  const { pointsPerSide, pointGrids, cropNLayers, cropNPointsDownscaleFactor } = options;
  if ((pointsPerSide === null) === (pointGrids === null))
    throw new VamgError('BadConfig', 'Give exactly one of pointsPerSide and pointGrids (set the other to null).');
  if (pointGrids !== null) {
    if (pointGrids.length <= cropNLayers) throw new VamgError('BadConfig', `pointGrids has ${pointGrids.length} grids; cropNLayers ${cropNLayers} needs ${cropNLayers + 1}.`);
    return pointGrids.slice(0, cropNLayers + 1);
  }
  return Array.from({ length: cropNLayers + 1 }, (_, layer) => {
    const perSide = Math.floor(pointsPerSide! / cropNPointsDownscaleFactor ** layer);
    if (perSide < 1) throw new VamgError('BadConfig', `Crop layer ${layer} would have no points: pointsPerSide ${pointsPerSide} is too small for cropNPointsDownscaleFactor ${cropNPointsDownscaleFactor}.`);
    return buildPointGrid(perSide);
  });
}
