import { TerminalError, type Json } from '@millrace/component-sdk';
import { compileMapping, type CompiledMapping } from '@millrace/mapping';
import {
  createMappingPool,
  SandboxUnavailableError,
  type MappingError,
  type MappingPool,
  type MappingPoolOptions,
} from '@millrace/mapping-sandbox';

export interface Evaluated {
  /** What people call the expression: `The condition`. */
  name: string;
  expression: string;
  /** What it is evaluated on. */
  data: Json;
  /** `$uuid()` and `$random()` follow from it: the idempotency key of the step, or what begins with it. */
  seed: string;
}

/** Evaluates the expressions of one process. */
export interface Expressions {
  /**
   * The value of an expression, `undefined` where it has none. Paths and literals are evaluated at once, the rest in processes
   * of their own under the limits of mappings. Throws a `TerminalError` that names expression, place and reason, without data;
   * any other error, where no such process can be started, is for the retry policy.
   */
  evaluate(evaluated: Evaluated): Promise<Json | undefined>;
  /** Ends the processes. Without it they end when idle, or with this process. */
  close(): Promise<void>;
}

const maxKept = 1_000;

export function createExpressions(options: MappingPoolOptions = {}): Expressions {
  const pool: MappingPool = createMappingPool({ maxProcesses: 2, ...options });
  const kept = new Map<string, CompiledMapping>();

  function compile({ name, expression }: Evaluated): CompiledMapping {
    const known = kept.get(expression);
    if (known) return known;
    const { compiled, problems } = compileMapping(expression);
    const [fault] = problems;
    if (fault) throw failed(name, { expression, ...fault });
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? '');
    kept.set(expression, compiled);
    return compiled;
  }

  return {
    async evaluate(evaluated) {
      const { name, data, seed } = evaluated;
      const context = { output: data, steps: {}, request: undefined, run: null, seed, now: Date.now() };
      const outcome = await pool.evaluate(compile(evaluated), context);
      if (outcome.ok) return outcome.value;
      const [error] = outcome.errors;
      throw error ? failed(name, error) : new SandboxUnavailableError(`${name} was not evaluated`);
    },
    close: () => pool.close(),
  };
}

const shownCharacters = 80;

function failed(
  name: string,
  { expression, position, message, ...more }: Partial<MappingError> & { position: number; message: string },
): TerminalError {
  const source = expression ?? '';
  const text = `${name} failed at character ${position + 1} of “${excerpt(source, position)}”: ${message}`;
  const { code = null, inputShape = null } = more;
  return new TerminalError(text, {
    code: 'expression_failed',
    detail: { expression: source, position, code, inputShape },
  });
}

/** The expression, or of a long one what is around the place. */
function excerpt(expression: string, position: number): string {
  if (expression.length <= shownCharacters) return expression;
  const start = Math.max(0, Math.min(position - shownCharacters / 2, expression.length - shownCharacters));
  const end = start + shownCharacters;
  return `${start > 0 ? '…' : ''}${expression.slice(start, end)}${end < expression.length ? '…' : ''}`;
}
