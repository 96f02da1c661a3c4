import type { BodyFault } from '@millrace/bodies';
import { refused, type Refusal } from '../answers/refusals.js';
import type { ArrivalFault } from './arrival.js';

/** The answer to a body that did not come in whole. */
export function arrivalRefusal(fault: ArrivalFault, maxBytes: number, isWholeFile = false): Refusal {
  switch (fault) {
    case 'tooLarge':
      return tooLarge(maxBytes, isWholeFile);
    case 'timedOut':
      return refused('request_timeout', { message: 'The body came in too slowly.' });
    case 'noRoom':
      return refused('overloaded', { headers: { 'retry-after': '1' } });
    case 'noShare':
      return refused('too_many_requests', {
        headers: { 'retry-after': '1' },
        forRecord: 'The bodies of the workspace take as much memory as they may at a time.',
      });
    case 'brokenOff':
      return refused('malformed_request', { message: 'The connection ended before the body did.' });
  }
}

/** The answer to a body that cannot be taken. */
export function faultRefusal(fault: BodyFault): Refusal {
  const { code, message, ...detail } = fault;
  return refused(code, { message, detail });
}

/** `isWholeFile`: of a file that is not stored while it comes in, which is why so little is taken. */
export function tooLarge(limitBytes: number, isWholeFile = false): Refusal {
  const why = isWholeFile
    ? ' The signatures of this webhook need bodies whole, so this limit is that of files, too.'
    : '';
  return refused('body_too_large', {
    message: `The body is larger than ${limitBytes} bytes.${why}`,
    detail: { limitBytes },
  });
}
