import type { BodyFault } from './read-body.js';

/** A fault on its way out of the depth of a parser or a stream. `message` is that of the fault. */
export class BodyFaultError extends Error {
  constructor(readonly fault: BodyFault) {
    super(fault.message);
    this.name = 'BodyFaultError';
  }
}

/** The sender left before the body was complete: nobody is there to be told. `cause` is what the source threw. */
export class BodyAborted extends Error {
  constructor(cause: unknown) {
    super('The sender left before the body was complete.', { cause });
    this.name = 'BodyAborted';
  }
}

/** What stands at one place of the text is wrong; `message` without a full stop. Lines and columns count from 1. */
export function invalidBody(message: string, place?: { line: number; column?: number }): BodyFault {
  if (!place) return { code: 'invalid_body', message: `${message}.` };
  const { line, column } = place;
  if (column === undefined) return { code: 'invalid_body', message: `${message} (line ${line}).`, line };
  return { code: 'invalid_body', message: `${message} (line ${line}, column ${column}).`, line, column };
}

/** `what` is the part of the body that may be of `limitBytes` at most. */
export function tooLarge(what: string, limitBytes: number): BodyFault {
  return { code: 'body_too_large', message: `${what} is larger than the limit of ${limitBytes} bytes.`, limitBytes };
}

export function refuse(message: string, place?: { line: number; column?: number }): never {
  throw new BodyFaultError(invalidBody(message, place));
}
