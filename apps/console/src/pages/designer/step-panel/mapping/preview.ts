import { asApiProblem } from '../../../../api/api-problem.js';
import { api, unwrap } from '../../../../api/client.js';
import type { MappingContext } from '../../../../api/schema.generated.js';
import { withoutLeaves } from './strip-leaves.js';

/** Why an expression has no value on the sample. */
export interface ExpressionFault {
  message: string;
  /** Place in the expression, from 0. */
  position: number;
}

export interface Preview {
  /** What the step would get; where expressions fail, of the others. */
  value: unknown;
  /** By pointer into the mapping. */
  faults: ReadonlyMap<string, ExpressionFault>;
}

/** Expressions that are broken, and those that then fail on the sample, are left out one after the other. */
const rounds = 3;

/** Evaluates a mapping on samples, by the code of the engine. @throws ApiProblem when nothing could be evaluated. */
export async function previewMapping(mapping: unknown, context: MappingContext, signal: AbortSignal): Promise<Preview> {
  const faults = new Map<string, ExpressionFault>();
  for (let round = 1; ; round += 1) {
    const rest = withoutLeaves(mapping, new Set(faults.keys()));
    try {
      const body = { mapping: rest, context };
      const { value, errors } = await unwrap(api.POST('/v1/mappings/preview', { body, signal }));
      if (errors.length === 0) return { value, faults };
      for (const { pointer, message, position } of errors) faults.set(pointer, { message, position });
    } catch (error) {
      const { code, problems } = asApiProblem(error);
      if (code !== 'mapping_invalid') throw error;
      for (const { pointer, message, ...rest } of problems) {
        const { position = 0 } = rest as { position?: number };
        faults.set(pointer.replace(/^\/mapping/, ''), { message, position });
      }
    }
    if (round === rounds) return { value: undefined, faults };
  }
}
