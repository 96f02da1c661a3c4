import { isRecord } from '../../../../forms/json-schema.js';

/**
 * What a field of a mapping holds, as the plain mode shows it: nothing, a fixed value, or a path into the data. Whatever
 * else there is can only be shown as an expression; `nested` is an object or a list with expressions inside.
 */
export type FieldValue =
  | { kind: 'empty' }
  | { kind: 'fixed'; value: string | number | boolean | null }
  | { kind: 'path'; expression: string }
  | { kind: 'expression'; expression: string }
  | { kind: 'nested'; value: Record<string, unknown> | unknown[] };

const name = '(?:[A-Za-z_]\\w*|`[^`]*`)';
const index = '(?:\\s*\\[\\s*-?\\d+\\s*\\])*';
const path = new RegExp(`^\\s*(?:\\$(?:steps|request|run)?|${name})${index}(?:\\s*\\.\\s*${name}${index})*\\s*$`);
const number = /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/;
const word = /^\s*(?:true|false|null)\s*$/;

/** Reads a member of a mapping. */
export function readFieldValue(member: unknown): FieldValue {
  if (member === undefined) return { kind: 'empty' };
  if (typeof member === 'string') return readExpression(member);
  if (typeof member === 'number' || typeof member === 'boolean' || member === null) {
    return { kind: 'fixed', value: member };
  }
  return Array.isArray(member) || isRecord(member) ? { kind: 'nested', value: member } : { kind: 'empty' };
}

/** The member of a mapping for a fixed value: texts stand in quotes, for what is not quoted is an expression. */
export function fixedMember(value: string | number | boolean): unknown {
  return typeof value === 'string' ? JSON.stringify(value) : value;
}

/** The same as an expression, for the switch to expression mode. Nested values become one expression. */
export function asExpression(member: unknown): string {
  if (member === undefined) return '';
  if (typeof member === 'string') return member;
  if (Array.isArray(member)) return `[${member.map(asExpression).join(', ')}]`;
  if (isRecord(member)) {
    const members = Object.entries(member).map(([key, value]) => `${JSON.stringify(key)}: ${asExpression(value)}`);
    return `{ ${members.join(', ')} }`;
  }
  return JSON.stringify(member);
}

/** Whether the plain mode can show it, so that nothing is lost by switching. */
export function isPlain(member: unknown): boolean {
  return readFieldValue(member).kind !== 'expression';
}

function readExpression(expression: string): FieldValue {
  if (number.test(expression) || word.test(expression)) {
    return { kind: 'fixed', value: JSON.parse(expression.trim()) as number | boolean | null };
  }
  const text = readText(expression.trim());
  if (text !== undefined) return { kind: 'fixed', value: text };
  return path.test(expression) ? { kind: 'path', expression } : { kind: 'expression', expression };
}

/** The text of a literal in double quotes; other literals stay expressions. */
function readText(expression: string): string | undefined {
  if (!expression.startsWith('"') || !expression.endsWith('"')) return undefined;
  try {
    const value: unknown = JSON.parse(expression);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
