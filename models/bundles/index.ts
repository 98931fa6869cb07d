export { addBundle } from './bundle-add';
export { bundleManifestSchema, parseBundleManifest, type BundleManifest } from './bundle-manifest';
export { ensureBundle, type PullOptions, type PullProgress } from './bundle-pull';
export { findBundle, listBundles, type BundleList, type RegisteredBundle } from './bundle-list';
export { imageModelOf, inputSizesOf, withImageModel } from './image-model';
export { isBundleReady, resolveBundle } from './bundle-registry';
export { hasMemoryNetwork, preferMemoryBundle } from './prefer-bundle';
export { verifyBundle, type BundleReport } from './bundle-verify';
export { bundleFilePath, type ResolvedBundle } from './resolved-bundle';
