import { describe, expect, it } from 'vitest';
import { packageOf, readImports } from './imports.js';

describe('readImports', () => {
  it('sees every way to name a module, with its line', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from 'b';",
      "import 'c';",
      "export * from 'd';",
      "export { e } from 'e';",
      "export type { F } from 'f';",
      "const g = await import('g');",
      "type H = import('h').X;",
      "import i = require('i');",
      "const j = require('j');",
      'const k = await import(`k`);',
    ].join('\n');
    expect(readImports('x.ts', text).map(({ specifier, line }) => `${line}${specifier}`)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((name, index) => `${index + 1}${name}`),
    );
  });

  it('tells an import whose module is computed', () => {
    expect(readImports('x.ts', "\nawait import('a' + b);")).toEqual([{ specifier: undefined, line: 2 }]);
  });

  it('is not misled by comments, strings and local exports', () => {
    const text = "// import 'a';\nexport const b = \"import 'c'\";\nexport { b as d };\n";
    expect(readImports('x.ts', text)).toEqual([]);
  });

  it('counts lines behind characters outside the basic plane', () => {
    expect(readImports('x.ts', "const a = '🌾🌾🌾';\nimport 'b';")).toEqual([{ specifier: 'b', line: 2 }]);
  });

  it('refuses a file that does not parse and names it', () => {
    expect(() => readImports('libs/x/src/broken.ts', 'import {')).toThrow(/libs\/x\/src\/broken\.ts does not parse/);
  });
});

describe('packageOf', () => {
  it('takes the package from a path inside it', () => {
    expect(['@millrace/amqp/dist/x.js', 'pg', 'pg/lib'].map(packageOf)).toEqual(['@millrace/amqp', 'pg', 'pg']);
  });
});
