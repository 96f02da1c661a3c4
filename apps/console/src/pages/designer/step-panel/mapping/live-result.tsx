import type { ReactNode } from 'react';
import { useStep } from '../step-context.js';
import { inShort } from './data-tree.js';
import { ExpressionOutcome } from './expression-outcome.js';
import { useMapping } from './mapping-context.js';
import classes from './mapping-field.module.css';
import type { ExpressionFault } from './preview.js';
import { valueAt } from './strip-leaves.js';

export interface LiveResultProps {
  pointer: string;
  fault: ExpressionFault | undefined;
  isExpression: boolean;
}

/** What a field of a mapping gives on the sample, or why it gives nothing. */
export function LiveResult({ pointer, fault, isExpression }: LiveResultProps): ReactNode {
  const { preview } = useMapping();
  const { context } = useStep();
  if (fault) return <ExpressionOutcome fault={fault} text={undefined} isLive />;
  if (preview.failure !== null && preview.failure !== undefined) return null;
  const value = valueAt(preview.value, pointer.replace(/^\/mapping/, ''));
  // Without a sample there is nothing that it could give.
  if (value === undefined && context.output === undefined) return null;
  if (!preview.isCurrent) return <div className={classes['result']}>…</div>;
  const shown = isExpression ? JSON.stringify(value) : inShort(value);
  return <ExpressionOutcome fault={undefined} text={value === undefined ? undefined : shown} isLive={isExpression} />;
}
