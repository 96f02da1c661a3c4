import { maxWaitCalls, maxWaitMs, type ResumeWait } from '@millrace/contracts';

/** What an operation returns whose step shall wait; made by `waitForResume`. */
export class WaitForResume {
  constructor(readonly wait: ResumeWait) {}
}

/**
 * Lets the step wait for a call of its resume URL instead of ending. Nothing of the component waits with it: the operation
 * returns, and the engine makes the step's output of the call, or of its absence, with the form of `resumeOutput`. After a
 * fault the operation may be called once more and must return the same; the waiting then goes on where it was.
 *
 * @throws RangeError when it would wait longer than 30 days, or for more than 1,000 calls.
 */
export function waitForResume(wait: Pick<ResumeWait, 'timeoutMs'> & Partial<ResumeWait>): WaitForResume {
  const { timeoutMs, onTimeout = 'fail', uses = 'once', maxCalls = uses === 'once' ? 1 : 100 } = wait;
  if (!(timeoutMs > 0 && timeoutMs <= maxWaitMs)) {
    throw new RangeError(`A step can wait for 1 to ${maxWaitMs} ms, not for ${timeoutMs}`);
  }
  if (!(Number.isInteger(maxCalls) && maxCalls > 0 && maxCalls <= maxWaitCalls)) {
    throw new RangeError(`A step can wait for 1 to ${maxWaitCalls} calls, not for ${maxCalls}`);
  }
  return new WaitForResume({ timeoutMs, onTimeout, uses, maxCalls });
}
