import { asApiProblem } from '../api/api-problem.js';

/** A failure in words for the person in front of the screen. */
export interface ProblemWords {
  title: string;
  detail: string;
}

const byStatus: Readonly<Record<number, ProblemWords>> = {
  401: { title: 'Your session has ended', detail: 'Sign in again to go on.' },
  403: { title: 'You may not do this', detail: 'Ask an administrator of your workspace.' },
  404: { title: 'This does not exist (any more)', detail: 'It may have been deleted, or the link is wrong.' },
  408: { title: 'That took too long', detail: 'Try again.' },
  409: {
    title: 'That does not go together with what is there now',
    detail: 'Look at the present state and try again.',
  },
  412: {
    title: 'Someone else has changed this meanwhile',
    detail: 'Load the present state, then make your change again.',
  },
  413: { title: 'That is too large', detail: 'Make it smaller and try again.' },
  422: { title: 'Some of it cannot be taken as it is', detail: 'Mend what is named below and try again.' },
  429: { title: 'Too many attempts', detail: 'Wait a little and try again.' },
  500: {
    title: 'Something went wrong in Millrace',
    detail: 'Try again. If it stays so, give the request id to whoever runs this Millrace.',
  },
  502: { title: 'Millrace cannot be reached at the moment', detail: 'Try again in a moment.' },
  503: { title: 'Millrace is not ready at the moment', detail: 'Try again in a moment.' },
  504: { title: 'The answer took too long', detail: 'Try again in a moment.' },
};

const fallback: ProblemWords = { title: 'That did not work', detail: 'Try again.' };

/** A failure in one line, with the request id, for where there is room for no more. */
export function saidOfProblem(error: unknown): string {
  const { title, detail } = problemWords(error);
  const { requestId } = asApiProblem(error);
  return `${title}. ${detail}${requestId === undefined ? '' : ` (Request id ${requestId})`}`;
}

/** What to say of anything that was thrown. What the control plane says itself comes first. */
export function problemWords(error: unknown): ProblemWords {
  const problem = asApiProblem(error);
  if (problem.status === -1) {
    return { title: 'This page has run into a fault', detail: `Load it again. The fault: ${problem.message}` };
  }
  const words = byStatus[problem.status] ?? fallback;
  const ownTitle = problem.code !== 'unknown' && problem.status !== 500 && problem.status !== 401;
  const own = problem.code === 'wrong_sign_in' || ownTitle;
  return { title: own ? problem.message : words.title, detail: problem.detail ?? words.detail };
}
