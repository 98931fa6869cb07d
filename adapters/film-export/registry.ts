import { cropsPng } from './crops';
import { cutOutsProres, cutOutsWebm } from './cut-out-films';
import { cutOutsPng } from './cut-out-pictures';
import { masksProres, masksWebm } from './masks-film';
import type { FilmFormat } from './types';

/** The formats of `vamg export` that are films and pictures, and need the video. */
export const FILM_FORMATS: readonly FilmFormat[] = [masksWebm, masksProres, cutOutsPng, cutOutsWebm, cutOutsProres, cropsPng];
