import { z } from 'zod';
import type { StitchedIdentities } from '../core/stitch/resolve-with-reidentification';
import type { OverlapMatch } from '../core/stitch/types';

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Result of `match`. Written by this program and verified by its hash: the shape is not checked again. */
export const overlapMatchSchema = z.custom<OverlapMatch>(isObject);

/** Result of `resolve`, likewise. */
export const identityMapSchema = z.custom<StitchedIdentities>(isObject);
