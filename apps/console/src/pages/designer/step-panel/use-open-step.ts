import { readTree } from '@millrace/flow-model';
import { useMemo } from 'react';
import type { Component } from '../../../api/schema.generated.js';
import { useDraft } from '../draft/use-draft.js';
import { stepWords } from '../steps/step-view.js';
import type { DataSource } from './mapping/data-tree.js';
import { valueAt } from './mapping/strip-leaves.js';
import type { OpenStep } from './step-context.js';
import { useCredentialsOf } from './use-credentials-of.js';

const missingCodes = new Set(['component_missing', 'operation_missing', 'credential_missing', 'field_missing']);

/** What `$request` is for expressions that are tried on samples. */
const requestExample = {
  method: 'POST',
  path: '',
  query: {},
  headers: { 'content-type': 'application/json', 'user-agent': 'curl/8.5.0' },
  contentType: 'application/json',
};

interface WhichStep {
  stepId: string;
  components: readonly Component[];
  close: () => void;
}

/** Gathers all that the panel knows of a step; undefined when the draft has it no more. */
export function useOpenStep({ stepId, components, close }: WhichStep): OpenStep | undefined {
  const { flow, draft, problems, samples, selectedField, editStep } = useDraft();
  const componentName = draft.steps.find(({ id }) => id === stepId)?.component;
  const component = components.find(({ name }) => name === componentName);
  const credentials = useCredentialsOf(component?.credentials ? component.name : undefined).data?.items;
  return useMemo(() => {
    const at = draft.steps.findIndex(({ id }) => id === stepId);
    const step = draft.steps[at];
    if (!step) return undefined;
    const { tree } = readTree(draft);
    const edge = tree.edgeTo(step.id);
    const before = tree.ancestorsOf(step.id);
    const ordered = [...before].toSorted((one, other) => Number(other === edge?.from) - Number(one === edge?.from));
    const run = {
      id: '0195b6a0f3c57d1e8a4b2c6d9e0f1a2b',
      flowId: flow.id,
      versionId: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b',
      startedAt: '2026-01-31T12:00:00.000Z',
    };
    const byName = new Map(components.map((candidate) => [candidate.name, candidate]));
    const sources: DataSource[] = ordered.map((id) => {
      const earlier = draft.steps.find((candidate) => candidate.id === id) ?? { id };
      const { title, subtitle } = stepWords(earlier, byName, earlier === draft.steps[0]);
      return {
        root: id === edge?.from ? { kind: 'previous' } : { kind: 'step', stepId: id },
        title: `${title} · ${subtitle} (${id})`,
        value: samples.get(id)?.output,
      };
    });
    sources.push({
      root: { kind: 'request' },
      title: 'Request that set the flow off ($request)',
      value: requestExample,
    });
    sources.push({ root: { kind: 'run' }, title: 'This run ($run)', value: run });
    // Problems are those of the draft as it was saved: what has been filled in since is missing no more.
    const isFilled = ({ field }: { field: string }): boolean => Boolean(valueAt(step, field));
    const own = problems.filter(
      (problem) => problem.stepId === step.id && !(missingCodes.has(problem.code) && isFilled(problem)),
    );
    const missing = new Set(own.filter(({ code }) => missingCodes.has(code)).map(({ field }) => field));
    const isShown = ({ field }: { field: string }): boolean => selectedField !== null || !missing.has(field);
    const words = ({ field, message }: { field: string; message: string }): [string, string] => [field, message];
    const previous = edge && samples.get(edge.from);
    return {
      step,
      isTrigger: at === 0,
      component,
      operation: component?.operations.find(({ name }) => name === step.operation),
      credential: credentials?.find(({ id }) => id === step.credentialId),
      problems: new Map(own.map(words)),
      missing,
      shown: new Map(own.filter(isShown).map(words)),
      sample: samples.get(step.id),
      sources,
      context: {
        ...(previous && { output: previous.output }),
        steps: Object.fromEntries(before.flatMap((id) => (samples.has(id) ? [[id, samples.get(id)?.output]] : []))),
        request: requestExample,
        run,
      },
      contextKey: before.map((id) => `${id} ${samples.get(id)?.updatedAt ?? ''}`).join(),
      edge,
      change: (change) => editStep(step.id, change),
      close,
    } satisfies OpenStep;
  }, [close, component, components, credentials, draft, editStep, flow.id, problems, samples, selectedField, stepId]);
}
