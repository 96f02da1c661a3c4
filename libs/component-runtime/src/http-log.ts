import type { HttpRecord, StepLogger } from '@millrace/component-sdk';

/** So that a step with many calls has room left for what its author logs. */
const maxRecords = 100;

/**
 * Writes the calls of a step to its log: method, address, status and time. The first ones only, but with all that
 * failed as long as the log itself has room.
 */
export function httpLog(logger: StepLogger): (record: HttpRecord) => void {
  let records = 0;
  return ({ call, status, durationMs }) => {
    records += 1;
    const failed = status === undefined || status >= 400;
    if (records > maxRecords && !failed) {
      if (records === maxRecords + 1) logger.info('Further calls that succeed are not logged');
      return;
    }
    const message = `${call} ${status === undefined ? 'got no answer' : `answered ${status}`}`;
    // No warning: whether it is one is for the operation to say, and a poll that finds nothing leaves a run for a warning.
    logger.info(message, { status: status ?? null, durationMs });
  };
}
