import { Button, Tooltip } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useDraft } from '../draft/use-draft.js';
import { problemCount } from '../steps/step-signs.js';
import { useIsPublished, usePublish } from './use-flow-changes.js';

/** Publishes the draft; where that cannot be it says why, and leads to the problems. */
export function PublishButton({ onProblems }: { onProblems: () => void }): ReactNode {
  const { draft, flow, problems, saveState } = useDraft();
  const isPublished = useIsPublished();
  const publish = usePublish(onProblems);
  const reason = reasonAgainst({
    steps: draft.steps.length,
    problems: problems.length,
    conflict: saveState === 'conflict',
    isPublished: isPublished === true && saveState === 'saved',
    version: flow.publishedVersion,
  });
  return (
    <Tooltip label={reason} disabled={reason === undefined} events={{ hover: true, focus: true, touch: true }}>
      <Button
        size="sm"
        variant={reason === undefined ? 'filled' : 'default'}
        leftSection={<IconUpload size={16} aria-hidden="true" />}
        loading={publish.isPending}
        aria-disabled={reason !== undefined}
        {...(reason !== undefined && { 'data-disabled': true })}
        onClick={() => {
          if (reason === undefined) publish.mutate();
          else if (problems.length > 0) onProblems();
        }}
      >
        Publish draft
      </Button>
    </Tooltip>
  );
}

function reasonAgainst(given: {
  steps: number;
  problems: number;
  conflict: boolean;
  isPublished: boolean;
  version: number | null;
}): string | undefined {
  if (given.steps === 0) return 'Choose a trigger first';
  if (given.conflict) return 'Decide first which draft to keep';
  if (given.problems > 0) return `${problemCount(given.problems)} to be mended first`;
  return given.isPublished ? `The draft is what version ${given.version} is already` : undefined;
}
