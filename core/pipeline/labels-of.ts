/** The user's names of objects, by ID; those without one are missing. */
export function labelsOf(objects: readonly { readonly id: number; readonly label?: string | undefined }[]): Map<number, string> {
  return new Map(objects.flatMap(({ id, label }) => (label === undefined ? [] : [[id, label] as const])));
}
