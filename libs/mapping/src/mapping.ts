import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { evaluatePlain } from './evaluate.js';
import type { Expression, MappingContext } from './expression.js';
import { parseExpression } from './parse.js';

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
  /** JSONata's code of a syntax error, such as `S0202`, or `unknown_variable`. */
  code?: string;
}

/** Which earlier data the expressions of a mapping read. */
export interface MappingReads {
  steps: Set<string>;
  /** Of these, with what members their outputs are read; one of which the whole output may be read has `all`. */
  members: Map<string, ReadonlySet<string> | 'all'>;
  /** `$steps` as a whole. */
  allSteps: boolean;
  request: boolean;
  /** Steps whose resume URLs are asked for by name. */
  resumeSteps: Set<string>;
  /** Those of steps that only the evaluation tells. */
  anyResumeStep: boolean;
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

/**
 * Evaluates a mapping. What is missing is left out of objects and arrays; `null` stays. `sandboxed` are the values of
 * `sandboxLeaves(mapping)`, in that order; without them, a mapping that `needsSandbox` is refused by an exception.
 */
export function evaluateMapping(
  mapping: CompiledMapping,
  context: MappingContext,
  sandboxed?: Iterator<Json | undefined>,
): Json | undefined {
  switch (mapping.kind) {
    case 'expression':
      if (mapping.expression.kind !== 'full') return evaluatePlain(mapping.expression, context);
      return valueFromSandbox(sandboxed);
    case 'constant':
      return mapping.value;
    case 'array': {
      const result: Json[] = [];
      for (const item of mapping.items) {
        const value = evaluateMapping(item, context, sandboxed);
        if (value !== undefined) result.push(value);
      }
      return result;
    }
    case 'object': {
      const result: JsonObject = {};
      for (const [name, field] of mapping.fields) {
        const value = evaluateMapping(field, context, sandboxed);
        if (value !== undefined) setOwn(result, name, value);
      }
      return result;
    }
  }
}

function valueFromSandbox(sandboxed: Iterator<Json | undefined> | undefined): Json | undefined {
  const next = sandboxed?.next();
  if (!next || next.done) throw new Error('this mapping needs the sandbox: evaluate it through a mapping pool');
  return next.value;
}

/** What the expressions of a mapping read, so that messages carry only that. */
export function readsOf(mapping: CompiledMapping): MappingReads {
  const reads: MappingReads = {
    steps: new Set(),
    members: new Map(),
    allSteps: false,
    request: false,
    resumeSteps: new Set(),
    anyResumeStep: false,
  };
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
      if (mapping.expression.kind === 'full') {
        for (const step of mapping.expression.reads.steps) addRead(reads, step, 'all');
        reads.allSteps ||= mapping.expression.reads.allSteps;
        reads.request ||= mapping.expression.reads.request;
        for (const step of mapping.expression.reads.resumeSteps) reads.resumeSteps.add(step);
        reads.anyResumeStep ||= mapping.expression.reads.anyResumeStep;
        return;
      }
      const { root, steps } = mapping.expression;
      if (root === 'request') reads.request = true;
      if (root !== 'steps') return;
      const [first, second] = steps;
      if (typeof first?.field !== 'string') reads.allSteps = true;
      else if (first.indexes.length > 0 || typeof second?.field !== 'string') addRead(reads, first.field, 'all');
      else addRead(reads, first.field, new Set([second.field]));
    }
  }
}

function addRead(
  reads: Pick<MappingReads, 'steps' | 'members'>,
  step: string,
  members: ReadonlySet<string> | 'all',
): void {
  reads.steps.add(step);
  const before = reads.members.get(step) ?? new Set();
  reads.members.set(step, before === 'all' || members === 'all' ? 'all' : new Set([...before, ...members]));
}

/** What several mappings read together. */
export function unionOfReads(all: readonly MappingReads[]): MappingReads {
  const union: MappingReads = {
    steps: new Set(),
    members: new Map(),
    allSteps: all.some(({ allSteps }) => allSteps),
    request: all.some(({ request }) => request),
    resumeSteps: new Set(all.flatMap(({ resumeSteps }) => [...resumeSteps])),
    anyResumeStep: all.some(({ anyResumeStep }) => anyResumeStep),
  };
  for (const { members } of all) for (const [step, read] of members) addRead(union, step, read);
  return union;
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
