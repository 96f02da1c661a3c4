import { isJsonObject, type Json } from '@millrace/contracts';

const maxNames = 20;
const maxNameLength = 40;
const maxLength = 500;

/**
 * Names and types of a value, two levels deep: `{ id: number, lines: list of 3 objects { sku: text }, … }`. It tells
 * which mistake a path makes without showing any data, and stays short.
 */
export function inputShape(value: Json | undefined): string {
  const shape = describe(value, 2);
  return shape.length > maxLength ? `${shape.slice(0, maxLength)}…` : shape;
}

function describe(value: Json | undefined, levels: number): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return describeList(value, levels);
  if (isJsonObject(value)) {
    const names = Object.keys(value);
    if (levels === 0) return names.length === 0 ? '{}' : '{ … }';
    const fields = names.slice(0, maxNames).map((name) => `${shortened(name)}: ${describe(value[name], levels - 1)}`);
    if (names.length > maxNames) fields.push('…');
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? 'text' : typeof value;
}

function describeList(items: Json[], levels: number): string {
  const [first] = items;
  if (first === undefined) return 'empty list';
  // Lists of lists may be nested without end.
  if (levels === 0) return `list of ${items.length}`;
  return `list of ${items.length}, first ${describe(first, levels - 1)}`;
}

function shortened(name: string): string {
  return name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
}
