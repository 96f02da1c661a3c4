import { assertNever } from '@millrace/contracts';
import type { IngestResult } from '../answers/answer.js';
import { repliedAnswer, type FlowAnswer } from '../answers/flow-answer.js';
import { refused } from '../answers/refusals.js';
import type { Heard } from './waiting-callers.js';

/** What a caller is told at the end of the wait; `fixed` is what the flow answers where no step did. */
export function resultOf(heard: Heard, fixed: FlowAnswer | undefined): IngestResult {
  switch (heard.kind) {
    case 'reply':
      return { outcome: 'accepted', answer: repliedAnswer(heard) };
    case 'ended':
      return endedResult(heard.status, fixed);
    case 'timeout':
      return refused('reply_timeout');
    case 'gone':
      return { outcome: 'gone' };
    default:
      return assertNever(heard);
  }
}

function endedResult(
  status: Extract<Heard, { kind: 'ended' }>['status'],
  answer: FlowAnswer | undefined,
): IngestResult {
  switch (status) {
    case 'succeeded':
      return { outcome: 'accepted', answer };
    case 'duplicate':
      return { outcome: 'accepted', answer, duplicate: true };
    case 'failed':
    case 'cancelled':
      return refused('run_failed');
    default:
      return assertNever(status);
  }
}
