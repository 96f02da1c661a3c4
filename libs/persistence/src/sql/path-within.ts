/** Condition that the step run at `path` lies on the branch that `prefix` begins; both are SQL expressions. */
export function pathWithin(path: string, prefix: string): string {
  return `(${prefix} = '' or starts_with(${path} || '.', ${prefix} || '.'))`;
}
