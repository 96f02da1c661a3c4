import type { JsonObject } from '@millrace/contracts';
import type { FieldProblem } from '@millrace/platform';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';

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
        message: 'is missing',
      };
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = params['additionalProperty'] ?? params['unevaluatedProperty'];
      return { pointer: `${error.instancePath}/${pointerToken(name)}`, code: 'unknown_field', message: 'is not known' };
    }
    case 'enum':
    case 'const': {
      const allowed = [params['allowedValues'] ?? params['allowedValue']].flat();
      return { pointer: error.instancePath, code: 'invalid', message: `must be one of: ${allowed.join(', ')}` };
    }
    case 'oneOf':
    case 'anyOf':
      return { pointer: error.instancePath, code: 'invalid', message: 'fits none of the forms that are allowed' };
    default:
      return { pointer: error.instancePath, code: 'invalid', message: error.message ?? 'is not valid' };
  }
}

function pointerToken(name: unknown): string {
  return String(name).replaceAll('~', '~0').replaceAll('/', '~1');
}
