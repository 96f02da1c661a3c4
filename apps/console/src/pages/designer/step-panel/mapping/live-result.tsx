import type { ReactNode } from 'react';
import { inShort } from './data-tree.js';
import { useMapping } from './mapping-context.js';
import classes from './mapping-field.module.css';
import type { ExpressionFault } from './preview.js';
import { valueAt } from './strip-leaves.js';

export interface LiveResultProps {
  pointer: string;
  fault: ExpressionFault | undefined;
  isExpression: boolean;
}

/** What an expression gives on the sample, or why it gives nothing. */
export function LiveResult({ pointer, fault, isExpression }: LiveResultProps): ReactNode {
  const { preview } = useMapping();
  if (fault) {
    return (
      <div className={classes['fault']} role="status">
        {/^At character \d/.test(fault.message) ? '' : `At character ${fault.position + 1}: `}
        {fault.message}
      </div>
    );
  }
  if (preview.failure !== null && preview.failure !== undefined) return null;
  if (!preview.isCurrent) return <div className={classes['result']}>…</div>;
  const value = valueAt(preview.value, pointer.replace(/^\/mapping/, ''));
  return (
    <div className={classes['result']} role={isExpression ? 'status' : undefined}>
      <span>On the sample:</span>
      {value === undefined ? (
        <span>nothing</span>
      ) : (
        <code>{isExpression ? JSON.stringify(value) : inShort(value)}</code>
      )}
    </div>
  );
}
