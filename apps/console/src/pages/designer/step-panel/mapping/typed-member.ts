import type { Field } from '../../../../forms/fields.js';
import { fixedMember } from './field-value.js';

/**
 * What was typed into a field as the member of its mapping, in the type of the field where it is one. A number that would be
 * shown otherwise than it was typed, such as the "1.0" of "1.05", stays a text.
 */
export function typedMember(field: Pick<Field, 'kind' | 'choices'>, text: string): unknown {
  const choice = field.choices.find(({ value }) => String(value) === text);
  if (choice) return fixedMember(choice.value);
  if (field.kind === 'boolean') return text === 'true';
  if (field.kind === 'number' && isNumber(text)) return Number(text);
  return fixedMember(text);
}

/** The number that is meant once nothing more is typed: "1.50" is 1.5. Undefined for what no number can hold without a loss. */
export function settledNumber(text: string): number | undefined {
  const short = text.includes('.') ? text.replace(/\.?0*$/, '') : text;
  return isNumber(short) ? Number(short) : undefined;
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text)) && String(Number(text)) === text;
}
