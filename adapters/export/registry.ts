import { burst } from './burst';
import { coco } from './coco';
import { cvat } from './cvat';
import { cvatPolygon } from './cvat-polygon';
import { datumaro } from './datumaro';
import { davis } from './davis';
import { fiftyone } from './fiftyone';
import { labelMap } from './label-map';
import { mot } from './mot';
import { mots } from './mots';
import { motsPng } from './mots-png';
import { saV } from './sa-v';
import { saVPng } from './sa-v-png';
import type { ExportFormat } from './types';
import { youtubeVis } from './youtube-vis';

/** Every format of `vamg export`. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [youtubeVis, coco, davis, mots, motsPng, mot, cvat, cvatPolygon, datumaro, saV, saVPng, burst, fiftyone, labelMap];
