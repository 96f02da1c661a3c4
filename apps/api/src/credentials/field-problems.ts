import type { JsonObject } from '@millrace/contracts';
import type { FieldProblem } from '@millrace/platform';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { words } from '../http/plain-words.js';

const ajv = new Ajv2020({
  allErrors: true,
  // Descriptors may carry keywords for forms.
  strict: false,
  logger: false,
  addUsedSchema: false,
});
ajvFormats.default(ajv);

/**
 * Checks the fields of a credential against the JSON Schema (2020-12) of the component's descriptor. Messages never hold
 * a value that was given. Throws when the schema itself is not valid.
 */
export function credentialFieldProblems(schema: JsonObject, fields: JsonObject): FieldProblem[] {
  const validate = ajv.compile(schema);
  // Descriptors come and go; the cache of compiled schemas would keep each of them.
  ajv.removeSchema(schema);
  if (validate(fields)) return [];
  return chosenErrors(validate.errors ?? []).map(toProblem);
}

const forks = new Set(['oneOf', 'anyOf']);

/**
 * Of a schema with alternatives only the errors of the one that was meant: the one whose constants, such as `type`, all
 * fit. When none or several are meant, the fork itself is the error.
 */
function chosenErrors(errors: ErrorObject[]): ErrorObject[] {
  const fork = errors.findLast((error) => forks.has(error.keyword));
  if (!fork) return errors;
  const inside = errors.filter((error) => error.schemaPath.startsWith(`${fork.schemaPath}/`));
  const rest = errors.filter((error) => error !== fork && !inside.includes(error));
  const constants = inside.filter((error) => error.keyword === 'const');
  const branchOf = (error: ErrorObject) => error.schemaPath.slice(fork.schemaPath.length + 1).split('/', 1)[0];
  const missed = new Set(constants.map(branchOf));
  const meant = inside.filter((error) => !missed.has(branchOf(error)));
  switch (new Set(meant.map(branchOf)).size) {
    case 0:
      return [...rest, samePlace(constants) ? choiceError(constants) : fork];
    case 1:
      return [...rest, ...chosenErrors(meant)];
    default:
      return [...rest, fork];
  }
}

function samePlace(errors: ErrorObject[]): boolean {
  return new Set(errors.map((error) => error.instancePath)).size === 1;
}

function choiceError(constants: ErrorObject[]): ErrorObject {
  const [first] = constants;
  const allowed = constants.map((error) => String((error.params as { allowedValue: unknown }).allowedValue));
  return { ...(first as ErrorObject), keyword: 'enum', params: { allowedValues: [...new Set(allowed)] } };
}

function toProblem(error: ErrorObject): FieldProblem {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return {
        pointer: `${error.instancePath}/${pointerToken(params['missingProperty'])}`,
        code: 'required',
        message: words.missing,
      };
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = params['additionalProperty'] ?? params['unevaluatedProperty'];
      return {
        pointer: `${error.instancePath}/${pointerToken(name)}`,
        code: 'unknown_field',
        message: words.unknown,
      };
    }
    default:
      return { pointer: error.instancePath, code: 'invalid', message: plainly(error.keyword, params) };
  }
}

function plainly(keyword: string, params: Record<string, unknown>): string {
  const limit = Number(params['limit']);
  switch (keyword) {
    case 'enum':
    case 'const':
      return words.oneOf([params['allowedValues'] ?? params['allowedValue']].flat() as string[]);
    case 'oneOf':
    case 'anyOf':
      return words.noForm;
    case 'type':
      return words.ofType(String([params['type']].flat()[0]));
    case 'format':
      return words.ofFormat(String(params['format']));
    case 'pattern':
      return words.pattern;
    case 'minLength':
      return words.bound('least', limit, 'characters');
    case 'maxLength':
      return words.bound('most', limit, 'characters');
    case 'minItems':
      return words.bound('least', limit, 'items');
    case 'maxItems':
      return words.bound('most', limit, 'items');
    case 'minimum':
      return words.bound('least', limit);
    case 'maximum':
      return words.bound('most', limit);
    case 'exclusiveMinimum':
      return words.beyond('above', limit);
    case 'exclusiveMaximum':
      return words.beyond('below', limit);
    case 'multipleOf':
      return words.multipleOf(Number(params['multipleOf']));
    default:
      return words.wrong;
  }
}

function pointerToken(name: unknown): string {
  return String(name).replaceAll('~', '~0').replaceAll('/', '~1');
}
