import type { TrailLine } from '../../contracts/edits';

/** An edit in a few words, in the past: "merged 3, 8 into 3". */
export function describeEdit(edit: TrailLine['edit']): string {
  switch (edit.edit) {
    case 'merge':
      return `merged ${edit.ids.join(', ')} into ${edit.into}`;
    case 'split':
      return `split ${edit.id}: from frame ${edit.frame} on it is ${edit.newId}`;
    case 'delete':
      return `deleted ${edit.ids.join(', ')}`;
    case 'rename':
      return `renamed ${edit.id} to ${edit.to}`;
    case 'label':
      return edit.label === '' ? `removed the name of ${edit.id}` : `named ${edit.id} "${edit.label}"`;
    case 'undo':
      return `took back edit ${edit.number}`;
    case 'overlay':
      return 'drew overlay.mp4 again';
  }
}

/** What an edit changed: "104 masks changed; both … on 4 frames". Empty for one that changes no mask. */
export function describeChange({ edit, changed }: Pick<TrailLine, 'edit' | 'changed'>): string {
  const masks = changed.masks === 0 ? '' : `${changed.masks} masks changed`;
  if (edit.edit !== 'merge') return masks;
  const { unitedFrames = 0 } = changed;
  const united = unitedFrames === 0 ? 'never on a frame together' : `together on ${unitedFrames} ${unitedFrames === 1 ? 'frame' : 'frames'}, where their masks are united`;
  return masks === '' ? united : `${masks}; ${united}`;
}
