import { notifications } from '@mantine/notifications';
import { asApiProblem } from '../api/api-problem.js';
import { problemWords } from './problem-words.js';

/** Says in a notification why something that was clicked did not work; for where a form's `ProblemAlert` has no place. */
export function notifyProblem(error: unknown): void {
  const { title, detail } = problemWords(error);
  const { requestId } = asApiProblem(error);
  const message = requestId === undefined ? detail : `${detail} (Request id ${requestId})`;
  notifications.show({ color: 'red', title, message, role: 'alert', autoClose: 12_000 });
}
