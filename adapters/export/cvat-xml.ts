import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { categoriesOf } from './names';
import type { ExportMask, ExportSource } from './types';

/** What both CVAT writers share: "CVAT for video 1.1" (cvat/apps/dataset_manager/formats/cvat.py). */

/** Attributes of every shape. */
const ATTRIBUTES = [
  { name: 'object_id', mutable: false },
  { name: 'score', mutable: true },
] as const;

/** Text or an attribute's value; characters that XML 1.0 cannot hold become U+FFFD. */
export function xmlText(text: string): string {
  const plain = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\r', '&#13;').replaceAll('\t', '&#9;');
}

/** The document up to its first track. */
export function cvatHead(source: ExportSource): string {
  const { videoName, frames, firstFrame, lastFrame, frameStep, width, height } = source;
  const attributes = ATTRIBUTES.map(({ name, mutable }) => `<attribute><name>${name}</name><mutable>${mutable ? 'True' : 'False'}</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute>`);
  const labels = categoriesOf(source).names.map((name) => `        <label><name>${xmlText(name)}</name><attributes>${attributes.join('')}</attributes></label>`);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<annotations>',
    '  <version>1.1</version>',
    '  <meta>',
    '    <task>',
    `      <name>${xmlText(videoName)}</name>`,
    `      <size>${frames}</size>`,
    '      <mode>interpolation</mode>',
    '      <overlap>0</overlap>',
    `      <start_frame>${firstFrame}</start_frame>`,
    `      <stop_frame>${lastFrame}</stop_frame>`,
    `      <frame_filter>${frameStep === 1 ? '' : `step=${frameStep}`}</frame_filter>`,
    '      <labels>',
    ...labels,
    '      </labels>',
    `      <original_size><width>${width}</width><height>${height}</height></original_size>`,
    '    </task>',
    '  </meta>',
  ].join('\n');
}

export const CVAT_TAIL = '</annotations>';

/** Makes a track's first line from a running number, for which CVAT takes its own, and the object's ID. */
export function trackHeads(source: ExportSource): (index: number, id: number) => string {
  const categories = categoriesOf(source);
  const names = categories.names.map(xmlText);
  return (index, id) => `  <track id="${index}" label="${names[categories.of(id)]}" source="auto" group_id="${id}">`;
}

/** In z_order: larger masks lie below smaller ones. */
export function fromLowest(masks: readonly ExportMask[]): ExportMask[] {
  return [...masks].sort((a, b) => b.area - a.area || b.id - a.id);
}

/** The attributes of a shape. */
export function shapeAttributes(id: number, score: number): string {
  return `<attribute name="object_id">${id}</attribute><attribute name="score">${score}</attribute>`;
}

/** `labels.json`: what to paste into CVAT's "Raw" label editor when a task is made. */
export async function writeLabels(source: ExportSource, folder: string): Promise<void> {
  const attributes = ATTRIBUTES.map(({ name, mutable }) => ({ name, mutable, input_type: 'text', default_value: '', values: [''] }));
  const labels = categoriesOf(source).names.map((name) => ({ name, attributes }));
  await writeFile(path.join(folder, 'labels.json'), `${JSON.stringify(labels, null, 2)}\n`);
}
