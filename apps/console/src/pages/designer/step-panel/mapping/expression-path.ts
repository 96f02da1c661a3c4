/** One step into a value: the name of a member, or the place in a list. */
export type PathToken = string | number;

/** Where a path begins: the output of the step before, that of any earlier step, the request or the run. */
export type PathRoot = { kind: 'previous' } | { kind: 'step'; stepId: string } | { kind: 'request' } | { kind: 'run' };

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words that mean something else where they stand alone. */
const reserved = new Set(['true', 'false', 'null', 'and', 'or', 'in', 'function']);

/**
 * The expression for a place in the data: `petname`, `lines[0].price`, `` $steps.step_1.`odd name` ``. Only names with a
 * backquote cannot be written as a path; they are looked up.
 */
export function pathExpression(root: PathRoot, tokens: readonly PathToken[]): string {
  let expression = rootExpression(root);
  let isRoot = true;
  for (const token of tokens) {
    if (typeof token === 'number') expression = `${expression === '' ? '$' : expression}[${token}]`;
    else if (token.includes('`')) {
      expression = `$lookup(${expression === '' ? '$' : expression}, ${JSON.stringify(token)})`;
    } else expression = isRoot && expression === '' ? nameExpression(token) : `${expression}.${nameExpression(token)}`;
    isRoot = false;
  }
  return expression === '' ? '$' : expression;
}

/** A name as it stands in a path. */
export function nameExpression(name: string): string {
  return plainName.test(name) && !reserved.has(name) ? name : `\`${name}\``;
}

function rootExpression(root: PathRoot): string {
  switch (root.kind) {
    case 'previous':
      return '';
    case 'step':
      return `$steps.${nameExpression(root.stepId)}`;
    case 'request':
      return '$request';
    case 'run':
      return '$run';
  }
}
