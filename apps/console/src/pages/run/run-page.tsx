import { Alert, Anchor, Button } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { Link, useLocation, useParams, useSearchParams } from 'react-router';
import { ApiProblem } from '../../api/api-problem.js';
import { useComponentsByName } from '../../api/catalogue.js';
import type { Run } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingPage } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { isOpen } from '../runs/run-lines.js';
import classes from './run.module.css';
import { RunHeader } from './run-header.js';
import { StepPanel } from './step-panel.js';
import { stepKey, stepTree } from './step-tree.js';
import { StepTreeView } from './step-tree-view.js';
import { stepWords, type StepWords } from './step-words.js';
import { useDefinition, useRun } from './use-run.js';

/** One run: its steps as a tree with their times, and beside it what one of them got and gave. */
export function RunPage(): ReactNode {
  const { runId = '' } = useParams();
  const run = useRun(runId);
  if (run.data) {
    return (
      <>
        {run.isError && <ProblemAlert error={run.error} onRetry={() => run.refetch()} />}
        <RunView run={run.data} />
      </>
    );
  }
  if (run.isPending) return <LoadingPage />;
  return (
    <>
      <PageHeader title="Run" />
      {run.error instanceof ApiProblem && run.error.status === 404 ? (
        <EmptyState
          title="No such run"
          action={
            <Button component={Link} to={`/runs?q=${encodeURIComponent(runId)}`}>
              Look up what became of the request
            </Button>
          }
        >
          It may have been removed because it was old, or it begins only in a moment.
        </EmptyState>
      ) : (
        <ProblemAlert error={run.error} onRetry={() => run.refetch()} />
      )}
    </>
  );
}

function RunView({ run }: { run: Run }): ReactNode {
  const definition = useDefinition(run);
  const components = useComponentsByName();
  const [search, setSearch] = useSearchParams();
  const { state } = useLocation() as { state: unknown };
  const over = !isOpen(run.status) && run.status !== 'duplicate';
  const tree = useMemo(() => stepTree(run.steps, definition, over), [run.steps, definition, over]);
  const chosen = stepKey(search.get('step') ?? '', search.get('path') ?? '');
  const step =
    run.steps.find(({ stepId, path }) => stepKey(stepId, path) === chosen) ??
    // What is looked for first in a run that failed is where.
    run.steps.find(({ status }) => status === 'failed') ??
    run.steps.find(({ status }) => status === 'waiting') ??
    run.steps.at(-1);
  const wordsOf = (stepId: string): StepWords => stepWords(stepId, definition, components);
  const choose = (stepId: string, path: string): void => {
    setSearch(
      (present) => {
        const next = new URLSearchParams(present);
        next.set('step', stepId);
        if (path === '') next.delete('path');
        else next.set('path', path);
        return next;
      },
      { replace: true, preventScrollReset: true, state },
    );
  };
  return (
    <>
      <RunHeader run={run} />
      {run.duplicateOf !== null && (
        <Alert title="This request had come before" mb="md">
          Its steps did not run again.{' '}
          <Anchor component={Link} to={`/runs/${run.duplicateOf}`} inherit>
            Open the run that came first
          </Anchor>
        </Alert>
      )}
      <div className={classes['layout']}>
        <StepTreeView
          tree={tree}
          run={run}
          wordsOf={wordsOf}
          selected={step === undefined ? undefined : stepKey(step.stepId, step.path)}
          onSelect={choose}
        />
        {step === undefined ? (
          <EmptyState title={run.status === 'queued' ? 'The run has not begun yet' : 'No step has run'}>
            {run.status === 'queued'
              ? 'It waits for others of its flow, or until the flow is resumed. This page shows its steps as they run.'
              : 'What steps got and gave is shown here.'}
          </EmptyState>
        ) : (
          <StepPanel key={stepKey(step.stepId, step.path)} run={run} step={step} words={wordsOf(step.stepId)} />
        )}
      </div>
    </>
  );
}
