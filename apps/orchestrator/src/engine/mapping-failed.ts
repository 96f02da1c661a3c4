import type { StepError } from '@millrace/contracts';
import type { MappingError } from '@millrace/mapping-sandbox';

const shownErrors = 20;
const shownCharacters = 80;

/** Why a step has no input: the field, the expression and the place in it, and the shape of what it read. No values. */
export function mappingFailed(errors: MappingError[]): StepError {
  const [first] = errors;
  const more = errors.length > 1 ? ` ${errors.length - 1} more of its expressions failed, too.` : '';
  return {
    code: 'mapping_failed',
    message: first ? `${told(first)}${more}` : 'The mapping of the step failed.',
    detail: { errors: errors.slice(0, shownErrors).map((error) => ({ ...error })) },
  };
}

function told({ pointer, expression, position, message }: MappingError): string {
  const field = pointer === '' ? 'The mapping' : `The mapping of ${pointer}`;
  return `${field} failed at character ${position + 1} of “${excerpt(expression, position)}”: ${message}`;
}

/** The expression, or of a long one what is around the place. */
export function excerpt(expression: string, position: number): string {
  if (expression.length <= shownCharacters) return expression;
  const start = Math.max(0, Math.min(position - shownCharacters / 2, expression.length - shownCharacters));
  const end = start + shownCharacters;
  return `${start > 0 ? '…' : ''}${expression.slice(start, end)}${end < expression.length ? '…' : ''}`;
}
