import { beganAt, type JudgedRun } from '../judged-run.js';

/** Moments in which more runs of a flow were under way than may be: what is seen of a run lies within the time of its place. */
export function tooManyAtOnce(runs: readonly JudgedRun[], limit: number): string[] {
  const changes = runs.flatMap((run) => {
    const from = beganAt(run);
    if (from === undefined || run.finishedAt === null || run.finishedAt <= from) return [];
    return [
      { at: from, by: 1, id: run.id },
      { at: run.finishedAt, by: -1, id: run.id },
    ];
  });
  // Who ends makes room for who begins in the same moment.
  changes.sort((one, other) => one.at - other.at || one.by - other.by);
  let atOnce = 0;
  return changes.flatMap(({ at, by, id }) => {
    atOnce += by;
    if (by < 0 || atOnce <= limit) return [];
    return [`${atOnce} runs went on at ${new Date(at).toISOString()} when ${id} began, ${limit} may`];
  });
}
