import { IconAlertTriangleFilled, IconFlask } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './step-signs.module.css';
import type { StepView } from './step-view.js';

/** Whether a step needs attention, and whether it has a sample. */
export function StepSigns({ view }: { view: Pick<StepView, 'problems' | 'hasSample'> }): ReactNode {
  const { problems, hasSample } = view;
  if (problems.length === 0 && !hasSample) return null;
  return (
    <span className={classes['signs']}>
      {hasSample && (
        <span className={classes['sample']} title="It has a sample">
          <IconFlask size={14} role="img" aria-label="It has a sample" />
        </span>
      )}
      {problems.length > 0 && (
        <span className={classes['problems']} title={problems.map(({ message }) => message).join('\n')}>
          <IconAlertTriangleFilled size={14} aria-hidden="true" />
          {problemCount(problems.length)}
        </span>
      )}
    </span>
  );
}

export function problemCount(count: number): string {
  return count === 1 ? '1 problem' : `${count} problems`;
}
