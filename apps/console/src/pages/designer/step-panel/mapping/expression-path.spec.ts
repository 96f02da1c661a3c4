import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { compileMapping } from '@millrace/mapping';
import { pathExpression } from './expression-path.js';

const previous = { kind: 'previous' } as const;

describe('the expression for a place', () => {
  it.each<[Parameters<typeof pathExpression>, string]>([
    [[previous, ['petname']], 'petname'],
    [[previous, []], '$'],
    [[previous, [0, 'name']], '$[0].name'],
    [[previous, ['lines', 2, 'price']], 'lines[2].price'],
    [[previous, ['pet-name']], '`pet-name`'],
    [[previous, ['null']], '`null`'],
    [[previous, ['a', 'and']], 'a.`and`'],
    [[previous, ['']], '``'],
    [[previous, ['odd`name', 'x']], '$lookup($, "odd`name").x'],
    [[{ kind: 'step', stepId: 'step_1' }, ['petname']], '$steps.step_1.petname'],
    [[{ kind: 'request' }, ['headers', 'x-key']], '$request.headers.`x-key`'],
    [[{ kind: 'run' }, ['id']], '$run.id'],
  ])('%j is %s', (given, expression) => {
    expect(pathExpression(...given)).toBe(expression);
  });

  it('is one that the engine reads without a sandbox, whatever the names', () => {
    const unit = fc.constantFrom('a', '9', '_', '.', '"', "'", '\\', '\n', ' ', '$', '[', ']', 'é', '😀', '\u2028');
    const name = fc.string({ unit, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.oneof(name, fc.nat(50)), { minLength: 1 }), (tokens) => {
        const { compiled } = compileMapping(pathExpression(previous, tokens));
        const expression = compiled.kind === 'expression' ? compiled.expression : undefined;
        const fields = expression?.kind === 'path' ? expression.steps.map(({ field }) => field) : [];
        expect(fields.filter((field) => field !== null)).toEqual(tokens.filter((token) => typeof token === 'string'));
      }),
    );
  });
});
