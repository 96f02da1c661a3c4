import type { ReactNode } from 'react';
import classes from './mapping-field.module.css';
import type { ExpressionFault } from './preview.js';

export interface ExpressionOutcomeProps {
  /** Why it gives nothing. */
  fault: ExpressionFault | undefined;
  /** What it gives on the sample, in a line; undefined when that is nothing. */
  text: string | undefined;
  /** Whether a change of it is read out. */
  isLive: boolean;
}

/** What came of an expression on the sample. */
export function ExpressionOutcome({ fault, text, isLive }: ExpressionOutcomeProps): ReactNode {
  if (fault) {
    return (
      <div className={classes['fault']} role="status">
        {/^At character \d/.test(fault.message) ? '' : `At character ${fault.position + 1}: `}
        {fault.message}
      </div>
    );
  }
  return (
    <div className={classes['result']} role={isLive ? 'status' : undefined}>
      <span>On the sample:</span>
      {text === undefined ? <span>nothing</span> : <code>{text}</code>}
    </div>
  );
}
