import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { evaluate } from './evaluate.js';
import { parseExpression, type Expression, type MappingContext } from './expression.js';

/** A mapping whose expressions are parsed: the same tree with expressions at its leaves. */
export type CompiledMapping =
  | { kind: 'expression'; expression: Expression }
  | { kind: 'constant'; value: Json }
  | { kind: 'array'; items: CompiledMapping[] }
  | { kind: 'object'; fields: [name: string, value: CompiledMapping][] };

export interface MappingProblem {
  /** JSON pointer into the mapping (RFC 6901). */
  pointer: string;
  message: string;
  /** Place in the expression, 0-based. */
  position: number;
}

/** Which earlier data the expressions of a mapping read. */
export interface MappingReads {
  steps: Set<string>;
  /** `$steps` as a whole. */
  allSteps: boolean;
  request: boolean;
}

/** Parses every string leaf as an expression; other leaves are constants. */
export function compileMapping(mapping: Json): { compiled: CompiledMapping; problems: MappingProblem[] } {
  const problems: MappingProblem[] = [];
  return { compiled: compileAt(mapping, '', problems), problems };
}

function compileAt(mapping: Json, pointer: string, problems: MappingProblem[]): CompiledMapping {
  if (typeof mapping === 'string') {
    const parsed = parseExpression(mapping);
    if (parsed.ok) return { kind: 'expression', expression: parsed.expression };
    problems.push({ pointer, ...parsed.fault });
    return { kind: 'constant', value: null };
  }
  if (Array.isArray(mapping)) {
    return { kind: 'array', items: mapping.map((item, at) => compileAt(item, `${pointer}/${at}`, problems)) };
  }
  if (isJsonObject(mapping)) {
    return {
      kind: 'object',
      fields: Object.entries(mapping).map(([name, value]) => [
        name,
        compileAt(value, `${pointer}/${pointerToken(name)}`, problems),
      ]),
    };
  }
  return { kind: 'constant', value: mapping };
}

/** Evaluates a mapping. What is missing is left out of objects and arrays; `null` stays. */
export function evaluateMapping(mapping: CompiledMapping, context: MappingContext): Json | undefined {
  switch (mapping.kind) {
    case 'expression':
      return evaluate(mapping.expression, context);
    case 'constant':
      return mapping.value;
    case 'array':
      return mapping.items
        .map((item) => evaluateMapping(item, context))
        .filter((value): value is Json => value !== undefined);
    case 'object': {
      const result: JsonObject = {};
      for (const [name, field] of mapping.fields) {
        const value = evaluateMapping(field, context);
        if (value !== undefined) setOwn(result, name, value);
      }
      return result;
    }
  }
}

/** What the expressions of a mapping read, so that messages carry only that. */
export function readsOf(mapping: CompiledMapping): MappingReads {
  const reads: MappingReads = { steps: new Set(), allSteps: false, request: false };
  collectReads(mapping, reads);
  return reads;
}

function collectReads(mapping: CompiledMapping, reads: MappingReads): void {
  switch (mapping.kind) {
    case 'constant':
      return;
    case 'array':
      for (const item of mapping.items) collectReads(item, reads);
      return;
    case 'object':
      for (const [, field] of mapping.fields) collectReads(field, reads);
      return;
    case 'expression': {
      if (mapping.expression.kind === 'literal') return;
      const { root, steps } = mapping.expression;
      if (root === 'request') reads.request = true;
      if (root !== 'steps') return;
      const first = steps[0]?.field;
      if (typeof first === 'string') reads.steps.add(first);
      else reads.allSteps = true;
    }
  }
}

/** Escapes a field name for use in a JSON pointer (RFC 6901 §3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

// Plain assignment of a field named __proto__ would set the prototype instead.
function setOwn(target: JsonObject, name: string, value: Json): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
  else target[name] = value;
}
