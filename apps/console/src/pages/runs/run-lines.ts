import type { Run, RunStatus, Request } from '../../api/schema.generated.js';

/** What the list keeps of a run. Inputs and outputs are not: a list of 100,000 runs has to fit into a page. */
export interface RunLine {
  id: string;
  requestId: string;
  flowId: string;
  flowVersion: number | null;
  status: RunStatus;
  isReplay: boolean;
  startedAt: string;
  finishedAt: string | null;
  /** Why it failed, or what it waits for or came to. */
  words: string;
}

export interface RunLinePage {
  lines: RunLine[];
  nextCursor: string | null;
  truncated: boolean;
}

const maxWords = 200;

/** The line of a run. */
export function runLine(run: Run): RunLine {
  const { id, requestId, flowId, flowVersion, status, startedAt, finishedAt, replayOf } = run;
  const words = runWords(run).slice(0, maxWords);
  return { id, requestId, flowId, flowVersion, status, startedAt, finishedAt, isReplay: replayOf !== null, words };
}

function runWords({ status, steps, stepsLeftOut }: Run): string {
  if (status === 'duplicate') return 'The same request had come before';
  if (status === 'queued') return 'Has not begun yet';
  const failed = steps.find((step) => step.status === 'failed');
  if (status === 'failed' && failed?.error) return `${failed.stepId}: ${failed.error.message}`;
  if (status === 'waiting') {
    const waiting = steps.find((step) => step.status === 'waiting');
    if (waiting?.waitingFor === 'resume') return `${waiting.stepId} waits for a call of its resume URL`;
    if (waiting?.waitingFor === 'collect') return `${waiting.stepId} collects`;
    if (waiting) return `${waiting.stepId} waits for its next attempt`;
  }
  const count = steps.length + stepsLeftOut;
  return count === 1 ? '1 step run' : `${count} step runs`;
}

/** A run that is known by its fate alone; undefined for a request that has no run. */
export function lineOfFate(fate: Request): RunLine | undefined {
  const { status, flowId, replayOf } = fate;
  if (status === 'parked' || status === 'rejected' || flowId === null) return undefined;
  const { id, requestId, flowVersion, startedAt, finishedAt } = fate;
  return { id, requestId, flowId, flowVersion, status, startedAt, finishedAt, isReplay: replayOf !== null, words: '' };
}

export function isOpen(status: RunStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'waiting';
}

/**
 * The lines to show, newest first, from the pages that were loaded and what is known by now of some of them. Nothing moves:
 * runs that came to the filter later, in the time that is shown, are counted in `fresh` and are not among the lines.
 * Ids sort by time.
 */
export function shownLines(
  pages: readonly RunLinePage[],
  known: ReadonlyMap<string, RunLine>,
): { lines: RunLine[]; fresh: RunLine[] } {
  const seen = new Set<string>();
  const lines: RunLine[] = [];
  let inOrder = true;
  for (const page of pages) {
    for (const line of page.lines) {
      if (seen.has(line.id)) continue;
      seen.add(line.id);
      inOrder &&= (lines.at(-1)?.id ?? line.id) >= line.id;
      lines.push(withNews(line, known.get(line.id)));
    }
  }
  if (!inOrder) lines.sort((one, other) => (one.id < other.id ? 1 : -1));
  const shownTo = pages.at(-1)?.nextCursor == null ? '' : (lines.at(-1)?.id ?? '');
  const fresh = [...known.values()].filter(({ id }) => !seen.has(id) && id > shownTo);
  return { lines, fresh };
}

function withNews(line: RunLine, news: RunLine | undefined): RunLine {
  if (!news) return line;
  return { ...news, words: news.words || (news.status === line.status ? line.words : '') };
}
