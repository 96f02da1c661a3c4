import { expect, it } from 'vitest';
import { readFieldValue } from './field-value.js';
import { settledNumber, typedMember } from './typed-member.js';

const number = { kind: 'number', choices: [] } as const;

it.each(['1.05', '10.01', '-0.5', '7', '0.001', '9223372036854775807', '1e21x'])(
  'keeps %s as it is typed',
  (wanted) => {
    let shown = '';
    for (const letter of wanted) {
      const value = readFieldValue(typedMember(number, shown + letter));
      shown = value.kind === 'fixed' ? String(value.value) : '';
    }
    expect(shown).toBe(wanted);
  },
);

it('takes numbers, truths and choices in their types', () => {
  expect(typedMember(number, '1.05')).toBe(1.05);
  expect(typedMember({ kind: 'boolean', choices: [] }, 'true')).toBe(true);
  expect(typedMember({ kind: 'choice', choices: [{ value: 3, label: '3' }] }, '3')).toBe(3);
});

it('settles what was left unfinished, and nothing that would be changed', () => {
  expect(['1.50', '1.', '2.0', '-0.50'].map(settledNumber)).toEqual([1.5, 1, 2, -0.5]);
  expect(['9223372036854775807', 'x', '', '-', '100'].map(settledNumber)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    100,
  ]);
});
