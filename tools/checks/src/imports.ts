import { parseSync, Visitor } from 'oxc-parser';

/** One place where a file imports a module, or exports from one. */
export interface ImportSite {
  /** What is imported; undefined when it is computed at run time. */
  specifier: string | undefined;
  line: number;
}

type SourceNode = { type: string; value?: unknown; quasis?: { value: { cooked?: string | null } }[] };

/**
 * Every module that a source file names: `import`, `import type`, `export … from`, `import()`, `import('x').Type` and
 * `require`. Throws when the file does not parse.
 */
export function readImports(file: string, text: string): ImportSite[] {
  const parsed = parseSync(file, text);
  const [error] = parsed.errors;
  if (error) throw new Error(`${file} does not parse: ${error.message}`);
  const lineOf = lineLocator(text);
  const sites: ImportSite[] = [];
  const add = (source: SourceNode | null, offset: number): void => {
    if (source !== null) sites.push({ specifier: literalOf(source), line: lineOf(offset) });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.start),
    ExportNamedDeclaration: (node) => add(node.source, node.start),
    ExportAllDeclaration: (node) => add(node.source, node.start),
    ImportExpression: (node) => add(node.source, node.start),
    TSImportType: (node) => add(node.source, node.start),
    TSExternalModuleReference: (node) => add(node.expression, node.start),
    CallExpression: (node) => {
      const [argument] = node.arguments;
      if (node.callee.type === 'Identifier' && node.callee.name === 'require' && argument) add(argument, node.start);
    },
  }).visit(parsed.program);
  return sites.sort((a, b) => a.line - b.line);
}

/** The package of a bare specifier: `@millrace/amqp` of `@millrace/amqp/dist/x.js`. */
export function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function literalOf(source: SourceNode): string | undefined {
  if (typeof source.value === 'string') return source.value;
  if (source.type === 'TemplateLiteral' && source.quasis?.length === 1)
    return source.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

function lineLocator(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const next = starts.findIndex((start) => start > offset);
    return next === -1 ? starts.length : next;
  };
}
