import { EXPORT_FORMATS } from '../../adapters/export/registry';
import { FILM_FORMATS } from '../../adapters/film-export/registry';

const INTRODUCTION = `# Export formats

<!-- Generated from adapters/export/ by \`npm run docs:generate\`; a test proves it fresh. Do not edit. -->

\`vamg export film-vamg --format NAME\` writes the masks of a result in the format of another tool, into \`film-vamg/exports/NAME/\` (or
\`--out DIR\`: \`DIR/NAME/\`). \`--format\` may be repeated; \`all\` is every format that can hold the result. A former export stays unless \`--force\` is given.

## What holds for all of them

- **Frames.** A result may start late (\`--start\`) and skip frames (\`--frame-step\`). File names and CVAT, BURST, Datumaro, COCO
  (\`frame_index\`) and FiftyOne use the frame's number in the video, from 0 (FiftyOne: from 1). Formats whose
  readers want frames without gaps count the processed frames instead: from 0 (the lists of YouTube-VIS and SA-V), from 1 (MOTS, MOT).
  \`frames.csv\` in every export says which is which: \`position,frame,time\`.
- **Masks** are COCO run lengths where the format has such: column-major, zeros first, compressed to a string (\`pycocotools.mask.decode\`);
  they come back bit for bit. CVAT's run lengths are row-major within the box of the mask.
- **Overlaps.** Part and whole are both kept. Formats in which a pixel has one owner (DAVIS, MOTS, label maps) show **smaller masks on top of
  larger ones**, and of equal areas the lower ID. The command prints how many of the mask pixels are covered, and which masks wholly.
- **More objects than a format holds** are divided among several sequences, in the order of their IDs, with \`-1\`, \`-2\`, … after the name of
  the video and numbers from 1 in each. When the objects would fit but an ID is too high, they are renumbered in one sequence. \`objects.csv\` (in
  DAVIS and MOTS) names sequence and number (\`value\`) of every object. Overlaps are resolved before the division, so the sequences can be laid over each other.
- **Classes.** video-amg finds objects, not classes: everything is an \`object\`, and objects that got a \`label\` in \`--prompts\` are of a
  class of that name. MOTS knows fixed classes; all objects are of class 2 there, the one that both of its benchmarks judge.
- **Pictures** of the video are not written (but see [films and pictures](#films-and-pictures)). \`ffmpeg -i film.mp4 -start_number 0 -vsync passthrough %05d.jpg\` gives them the names that the files refer to.
- **CVAT.** Make a task of the video (all of it, or with the same start frame and step) with the labels in \`labels.json\`, then upload
  \`annotations.xml\` as "CVAT 1.1". \`cvat\` has every mask as it is, each a shape of its own, because CVAT's importer keeps only the first
  mask of a track; \`cvat-polygon\` has tracks that can be edited as such, with one ring per polygon.
- Memory does not grow with the length of the video; a damaged result is refused.

A test exports a result with nested, vanishing, divided and equal masks, gaps between frames and between IDs, and more objects than formats hold, and
reads every file back with the programs in the last column (\`test/integration/export\`).

`;

/** Programs that read the format in test/integration/export. */
const READ_BACK_WITH: Readonly<Record<string, string>> = {
  'youtube-vis': 'TrackEval',
  coco: 'pycocotools, supervision, Datumaro',
  davis: 'Pillow, TrackEval',
  mots: 'TrackEval',
  'mots-png': 'Pillow, Datumaro',
  mot: 'TrackEval',
  cvat: "a reader that does what CVAT's importer does (CVAT itself was not run)",
  'cvat-polygon': 'Datumaro (CVAT itself was not run)',
  datumaro: 'Datumaro',
  'sa-v': 'pycocotools',
  'sa-v-png': 'Pillow',
  burst: 'TrackEval, pycocotools',
  fiftyone: 'ETA, the library with which FiftyOne reads (FiftyOne itself was not run)',
  'label-map': 'Pillow',
};

/** docs/formats.md, from the formats' own descriptions. */
export function formatsDocument(): string {
  const rows = EXPORT_FORMATS.map(({ name, keeps, loses }) => `| [\`${name}\`](#${name}) | ${asCode(keeps)} | ${asCode(loses)} | ${READ_BACK_WITH[name] ?? ''} |`);
  const table = ['| format | keeps | loses | read back with |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
  const sections = EXPORT_FORMATS.map(({ name, title, files, load }) => `## ${name}\n\n${title}: ${asCode(files)}.\n\n\`\`\`python\n${load}\n\`\`\`\n`);
  return `${INTRODUCTION}${table}\n${filmsPart()}\n# How to load them\n\n\`root\` is the folder of the format, \`video\` the name of the video without its extension.\n\n${sections.join('\n')}`;
}

function filmsPart(): string {
  const rows = FILM_FORMATS.map(({ name, files, keeps, loses, use }) => `| \`${name}\` | ${asCode(files)} | ${keeps} | ${asCode(loses)} | ${use} |`);
  return [FILMS, '| format | files | keeps | loses | for |', '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n');
}

const FILMS = `# Films and pictures

These are made from the result and its video: add \`--video film.mp4\`, the very file that was segmented (its sha256 is in \`result.json\`).
\`--objects 3,7,20-29\` takes some objects, \`all\` every one; cut-outs want it said, because they write much for each. \`--format all\` leaves them out. After
\`vamg edit\` they show the objects as they were: export them again with \`--force\`. How to use them in editing programs: [overlay.md](overlay.md).
`;

/** Words with a dot, a slash or <video> in them are file names. */
function asCode(files: string): string {
  return files.replace(/(?:<[a-z ]+>|[A-Za-z_0-9/])*(?:<video>|\/|\.(?:json|txt|png|tif|xml|csv|ini|jpg|webm|mov))(?:<[a-z ]+>|[A-Za-z_0-9/.]|-[a-z]+\.)*/g, (name) => `\`${name}\``);
}
