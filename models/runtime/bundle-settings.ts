import { readFile } from 'node:fs/promises';
import { VamgError } from '../../contracts/errors';
import { bundleFilePath, type ResolvedBundle } from '../bundles/resolved-bundle';
import { takeHalfs, takeOutput, type GraphTensors } from './ort-session';

/**
 * The settings that a bundle brings in a file of JSON.
 * @param file its usual name, for the message
 * @throws VamgError BadConfig when it is malformed
 */
export async function readBundleSettings<T>(bundle: ResolvedBundle, role: string, file: string, parse: (value: unknown) => T): Promise<T> {
  try {
    return parse(JSON.parse(await readFile(bundleFilePath(bundle, role), 'utf8')));
  } catch (cause) {
    throw new VamgError('BadConfig', `Model bundle ${bundle.name}: its ${file} is not usable.`, { cause });
  }
}

/** Numbers of an output that must be so many by the bundle's settings. @throws VamgError InferenceFailed */
export function takeFitting(outputs: GraphTensors, name: string, length: number, bundleName: string, file: string): Float32Array {
  return fitting(takeOutput(outputs, name), name, length, bundleName, file);
}

/** The same as halfs. @throws VamgError InferenceFailed */
export function takeFittingHalfs(outputs: GraphTensors, name: string, length: number, bundleName: string, file: string): Uint16Array {
  return fitting(takeHalfs(outputs, name), name, length, bundleName, file);
}

function fitting<Data extends Float32Array | Uint16Array>({ data, dims }: { readonly data: Data; readonly dims: readonly number[] }, name: string, length: number, bundleName: string, file: string): Data {
  if (data.length !== length) throw unfit(name, dims, bundleName, file);
  return data;
}

export function unfit(name: string, dims: readonly number[], bundleName: string, file: string): VamgError {
  return new VamgError('InferenceFailed', `Output ${name} of bundle ${bundleName} is [${dims.join(',')}], which does not fit its ${file}.`);
}
