import { segmentOptionsSchema, type SegmentOptions } from '../../contracts/segment-options';

type Tree = { [name: string]: unknown };

/**
 * Options with some of them set to other values. @param settings such as `tracking.sharpen=false`: a path and a JSON value
 * @throws Error for a setting of another form; z.ZodError for a name or value that is none
 */
export function setOptions(options: SegmentOptions, settings: readonly string[]): SegmentOptions {
  const tree = structuredClone(options) as Tree;
  for (const setting of settings) {
    const [, path, value] = /^([A-Za-z.]+)=(.+)$/.exec(setting) ?? [];
    if (path === undefined || value === undefined) throw new Error(`--set wants PATH=VALUE, such as tracking.sharpen=false, not ${setting}`);
    const names = path.split('.');
    const last = names.pop()!;
    const branch = names.reduce<Tree>((at, name) => (at[name] ??= {}) as Tree, tree);
    branch[last] = JSON.parse(value);
  }
  return segmentOptionsSchema.parse(tree);
}
