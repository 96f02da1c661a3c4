import { requestContext, type JsonObject } from '@millrace/contracts';
import type { PlanStep } from '@millrace/flow-model';
import type { KeptRequest } from '@millrace/persistence';

/** What the messages of a step carry of the request that began its run. */
export function carriedOf(
  step: PlanStep,
  { request, body }: KeptRequest,
): { request?: JsonObject | undefined; replyTo?: string | undefined } {
  return { request: step.carries.request ? requestContext(request, body) : undefined, replyTo: request.replyTo };
}
