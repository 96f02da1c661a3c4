import type { Json } from '@millrace/contracts';
import {
  evaluateMapping,
  sandboxLeaves,
  type CompiledMapping,
  type ExpressionReads,
  type SandboxLeaf,
} from '@millrace/mapping';
import { inputShape } from './input-shape.js';
import type { MappingError, MappingOutcome, SandboxContext } from './outcome.js';
import type { EvaluationAnswer, EvaluationRequest, LeafFault } from './protocol.js';

/** One evaluation on its way. */
export interface Task {
  mapping: CompiledMapping;
  prepared: PreparedMapping;
  context: SandboxContext;
  /** It has no other evaluation beside it in its process: that process may not survive it. */
  alone: boolean;
  resolve: (outcome: MappingOutcome) => void;
  reject: (error: Error) => void;
}

/** What is the same for every evaluation of a mapping. */
export interface PreparedMapping {
  leaves: SandboxLeaf[];
  reads: ExpressionReads;
  /** The beginning of its requests, as JSON. */
  requestHead: string;
}

const prepared = new WeakMap<CompiledMapping, PreparedMapping>();

export function prepare(mapping: CompiledMapping): PreparedMapping {
  const known = prepared.get(mapping);
  if (known) return known;
  const leaves = sandboxLeaves(mapping);
  const all = leaves.map(({ expression }) => expression.reads);
  const sent = leaves.map(({ pointer, expression }) => ({ pointer, source: expression.source }));
  const made: PreparedMapping = {
    leaves,
    reads: {
      output: all.some(({ output }) => output),
      request: all.some(({ request }) => request),
      run: all.some(({ run }) => run),
      steps: [...new Set(all.flatMap(({ steps }) => steps))],
      allSteps: all.some(({ allSteps }) => allSteps),
      resumeSteps: [...new Set(all.flatMap(({ resumeSteps }) => resumeSteps))],
      anyResumeStep: all.some(({ anyResumeStep }) => anyResumeStep),
    },
    requestHead: JSON.stringify({ leaves: sent }).slice(0, -1),
  };
  prepared.set(mapping, made);
  return made;
}

/** The line that asks for an evaluation, with the part of the context that the expressions may read. */
export function requestLine({ prepared: { reads, requestHead }, context, alone }: Task): string {
  const rest: Omit<EvaluationRequest, 'leaves'> = { seed: context.seed, now: context.now };
  if (reads.output && context.output !== undefined) rest.output = context.output;
  if (reads.request && context.request !== undefined) rest.request = context.request;
  if (reads.run) rest.run = context.run;
  if (reads.allSteps) rest.steps = context.steps;
  else if (reads.steps.length > 0) {
    const known = reads.steps.filter((step) => Object.hasOwn(context.steps, step));
    rest.steps = Object.fromEntries(known.map((step) => [step, context.steps[step] ?? null]));
  }
  if ((reads.anyResumeStep || reads.resumeSteps.length > 0) && context.resumeUrls !== undefined) {
    rest.resumeUrls = context.resumeUrls;
  }
  if (alone) rest.traced = true;
  return `${requestHead},${JSON.stringify(rest).slice(1)}\n`;
}

/** Joins what the process answered with the plain leaves, which are evaluated here. */
export function outcomeOf(task: Task, line: string): MappingOutcome {
  const answer = JSON.parse(line) as EvaluationAnswer;
  const errors = answer.flatMap(({ fault }, leaf) => (fault ? [errorAt(task, leaf, fault)] : []));
  if (errors.length > 0) return { ok: false, errors };
  const values = answer.map(({ value }): Json | undefined => value);
  return { ok: true, value: evaluateMapping(task.mapping, task.context, values.values()) };
}

export function errorAt(task: Task, leaf: number, fault: LeafFault): MappingError {
  const found = task.prepared.leaves[leaf];
  return {
    pointer: found?.pointer ?? '',
    expression: found?.expression.source ?? '',
    ...fault,
    inputShape: inputShape(task.context.output),
  };
}
