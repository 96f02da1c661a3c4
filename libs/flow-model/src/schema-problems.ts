import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { compileMapping, pointerToken, readsOf, readsOnlyData } from '@millrace/mapping';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Problem } from './problem.js';

const maxProblems = 50;

/**
 * Whatever of a configuration the schema of its operation (JSON Schema 2020-12) refuses, each with its pointer below the given
 * one. Strings of the format `expression` must be expressions, and cannot read `$steps`; those of `data-expression` neither
 * `$request` nor `$run`. No message holds a value. Of a schema that makes no sense nothing is told: the component itself judges then, when the step runs.
 */
export function schemaProblems(value: Json, pointer: string, schema: JsonObject, title: string): Problem[] {
  const validate = validatorOf(schema);
  if (!validate || validate(value)) return [];
  const problems = new Map<string, Problem>();
  for (const fault of faultsOf(validate.errors ?? [])) {
    const problem = problemOf(fault, title);
    if (!problem || problems.size >= maxProblems) continue;
    problems.set(`${problem.pointer} ${problem.message}`, { ...problem, pointer: pointer + problem.pointer });
  }
  return [...problems.values()];
}

// Compiling takes milliseconds, and a catalogue gives the same schemas again and again, as new objects each time.
const maxKept = 200;
const kept = new Map<string, ValidateFunction | undefined>();

function validatorOf(schema: JsonObject): ValidateFunction | undefined {
  const key = JSON.stringify(schema);
  const validate = kept.has(key) ? kept.get(key) : compile(schema);
  kept.delete(key);
  kept.set(key, validate);
  const [oldest] = kept.keys();
  if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
  return validate;
}

function compile(schema: JsonObject): ValidateFunction | undefined {
  // A pattern that is none with the flag u, which JSON Schema asks for, may be one without it.
  for (const unicodeRegExp of [true, false]) {
    // An instance for each schema: it would hold on to all that it ever compiled, and their ids may be the same.
    const ajv = new Ajv2020({
      allErrors: true,
      verbose: true,
      strict: false,
      meta: false,
      validateSchema: false,
      logger: false,
      unicodeRegExp,
    });
    for (const format of expressionFormats)
      ajv.addFormat(format, (source) => expressionFault(source, format) === undefined);
    try {
      return ajv.compile(schema);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** `data-expression`: one that is evaluated by the component, on data that it gives to it, and on nothing else. */
const expressionFormats = ['expression', 'data-expression'] as const;
type ExpressionFormat = (typeof expressionFormats)[number];

function isExpressionFormat(format: unknown): format is ExpressionFormat {
  return expressionFormats.some((known) => known === format);
}

/** Why a text cannot be an expression of a configuration. */
function expressionFault(source: string, format: ExpressionFormat): Pick<Problem, 'code' | 'message'> | undefined {
  const { compiled, problems } = compileMapping(source);
  const [fault] = problems;
  if (fault) return { code: 'invalid_expression', message: `At character ${fault.position + 1}: ${fault.message}` };
  const reads = readsOf(compiled);
  if (reads.resumeSteps.size > 0 || reads.anyResumeStep) {
    return { code: 'unknown_wait', message: 'An expression in a configuration cannot use $resumeUrl.' };
  }
  if (reads.steps.size > 0 || reads.allSteps) {
    return { code: 'unknown_output', message: 'An expression in a configuration cannot read $steps.' };
  }
  if (format === 'expression' || readsOnlyData(compiled)) return undefined;
  const message = 'This expression sees its input only, not $request or $run: map what it needs into the input.';
  return { code: 'unknown_output', message };
}

/** A fault, and for one of a union the faults of its branches. */
interface Fault {
  error: ErrorObject;
  branches: ErrorObject[];
}

/** What is wrong in the branches of a union is told as one fault: that of the union. */
function faultsOf(errors: ErrorObject[]): Fault[] {
  const faults: Fault[] = [];
  for (const error of errors) {
    const branches: ErrorObject[] = [];
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
      // They come right before that of their union.
      for (let last = faults.at(-1); last && isWithin(last.error.instancePath, error.instancePath);) {
        branches.unshift(last.error);
        faults.pop();
        last = faults.at(-1);
      }
    }
    faults.push({ error, branches });
  }
  return faults;
}

function isWithin(pointer: string, outer: string): boolean {
  return pointer === outer || pointer.startsWith(`${outer}/`);
}

function problemOf({ error, branches }: Fault, title: string): Problem | undefined {
  const { keyword, instancePath } = error;
  const params: Record<string, unknown> = error.params;
  const schema = isJsonObject(error.parentSchema) ? error.parentSchema : {};
  switch (keyword) {
    case 'required': {
      const name = String(params['missingProperty']);
      const field = isJsonObject(schema['properties']) ? schema['properties'][name] : undefined;
      if (isJsonObject(field) && Object.hasOwn(field, 'default')) return undefined;
      const message = `“${title}” needs the field ${titleOf(field) ?? `“${name}”`}.`;
      return { pointer: below(instancePath, name), code: 'field_missing', message };
    }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      return {
        pointer: below(instancePath, name),
        code: 'unknown_field',
        message: `“${title}” has no field “${name}”${inside(instancePath)}.`,
      };
    }
    case 'propertyNames': {
      const name = String(params['propertyName']);
      const message = `“${title}” cannot have a field of the name “${name}”${inside(instancePath)}.`;
      return { pointer: below(instancePath, name), code: 'unknown_field', message };
    }
    default: {
      // What is wrong with a name is told by `propertyNames`.
      if (error.propertyName !== undefined) return undefined;
      const format = keyword === 'format' ? params['format'] : undefined;
      const fault =
        isExpressionFormat(format) && typeof error.data === 'string' ? expressionFault(error.data, format) : undefined;
      if (fault) return { pointer: instancePath, ...fault };
      const simple = branches.length > 0 && branches.every((branch) => branch.instancePath === instancePath);
      const demands = new Set((simple ? branches : [error]).map(demandOf));
      const message = `“${title}”: ${titleOf(schema) ?? placeOf(instancePath)} ${[...demands].join(' or ')}.`;
      return { pointer: instancePath, code: 'invalid_value', message };
    }
  }
}

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** What a keyword demands, in words that follow the name of the field. */
function demandOf(error: ErrorObject): string {
  const params: Record<string, unknown> = error.params;
  const limit = Number(params['limit']);
  switch (error.keyword) {
    case 'type': {
      const wanted = [params['type']].flat().map((type) => types[String(type)] ?? String(type));
      return `must be ${wanted.join(' or ')}`;
    }
    case 'enum':
      return `must be one of ${[params['allowedValues']].flat().map(shown).join(', ')}`;
    case 'const':
      return `must be ${shown(params['allowedValue'])}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'exclusiveMinimum':
      return `must be more than ${limit}`;
    case 'exclusiveMaximum':
      return `must be less than ${limit}`;
    case 'multipleOf':
      return `must be a multiple of ${Number(params['multipleOf'])}`;
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'minItems':
      return limit === 1 ? 'must have an entry' : `must have at least ${limit} entries`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'uniqueItems':
      return 'must not have the same entry twice';
    case 'pattern':
      return `must fit the pattern ${String(params['pattern'])}`;
    default: {
      const description = isJsonObject(error.parentSchema) ? error.parentSchema['description'] : undefined;
      return `is not as it must be${typeof description === 'string' ? ` (${description})` : ''}`;
    }
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}

function titleOf(schema: Json | undefined): string | undefined {
  const title = isJsonObject(schema) ? schema['title'] : undefined;
  return typeof title === 'string' ? `“${title}”` : undefined;
}

function below(instancePath: string, name: string): string {
  return `${instancePath}/${pointerToken(name)}`;
}

function inside(instancePath: string): string {
  return instancePath === '' ? '' : ` in ${placeOf(instancePath)}`;
}

/** A place as people call it: “origins”, entry 2 of “origins”. */
function placeOf(instancePath: string): string {
  const tokens = instancePath.split('/').slice(1);
  const last = tokens.at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~');
  if (last === undefined) return 'the configuration';
  if (!/^\d+$/.test(last) || tokens.length === 1) return `“${last}”`;
  return `entry ${Number(last) + 1} of ${placeOf(`/${tokens.slice(0, -1).join('/')}`)}`;
}
