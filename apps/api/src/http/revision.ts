import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { problem } from './problems.js';

/** Sends the `draftRevision` of an answer as its `ETag`, too. */
@Injectable()
export class RevisionTag implements NestInterceptor<{ draftRevision: number }> {
  intercept(context: ExecutionContext, next: CallHandler<{ draftRevision: number }>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(tap((body) => void reply.header('etag', `"${body.draftRevision}"`)));
  }
}

/**
 * The revision that `If-Match` names; `undefined` without the header and for `*`, which fits any. Throws 400 for what is
 * no tag of ours.
 */
export function expectedRevision(ifMatch: string | undefined): number | undefined {
  const text = ifMatch?.trim();
  if (text === undefined || text === '' || text === '*') return undefined;
  const digits = /^(?:W\/)?"?(\d{1,9})"?$/.exec(text)?.[1];
  if (digits === undefined) {
    throw problem('invalid_request', { detail: 'If-Match must be the ETag of the draft, such as "3".' });
  }
  return Number(digits);
}
