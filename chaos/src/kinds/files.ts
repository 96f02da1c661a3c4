import { createHash } from 'node:crypto';
import { createRunningFlow } from '@millrace/dev';
import { recordOf, type JudgedRun } from '../judge/judged-run.js';
import { post } from './call.js';
import { edge, receive, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** Every file is read in the short form; of thousands an even part. */
const readAtMost = 300;

/** Uploads, some of them of several pieces, each of which must be there byte for byte. */
export const files: Kind = {
  name: 'files',
  async create({ api, open, hookUrl }) {
    const draft = {
      steps: [receive(open), record('step_2', { value: 'file.size' })],
      edges: [edge('step_1', 'step_2')],
    };
    const { id } = await createRunningFlow(api, { name: 'files', draft });
    return {
      flowIds: [id],
      send: (number) =>
        post(hookUrl(id), number, {
          body: new Uint8Array(bytesOf(number)),
          headers: { 'content-type': 'application/pdf' },
        }),
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0']),
      effects: (run) => [recordOf(run, 'step_2', '0')],
      async judgeAll(runs) {
        const every = Math.max(1, Math.ceil(runs.length / readAtMost));
        const faults: string[] = [];
        for (const run of runs.filter((_, at) => at % every === 0)) faults.push(...(await fileFaults(run)));
        return faults;
      },
    };
  },
};

/** Some bytes, or so many that they are stored in several pieces, between which a kill may come. */
function bytesOf(number: number): Buffer {
  const length = number % 4 === 0 ? 300_000 + ((number * 9_973) % 400_000) : 1 + ((number * 977) % 20_000);
  return Buffer.alloc(length, createHash('sha256').update(String(number)).digest());
}

async function fileFaults(run: JudgedRun): Promise<string[]> {
  const output = run.steps.find(({ stepId }) => stepId === 'step_1')?.output as { file?: { url: string } } | undefined;
  if (!output?.file) return [`${run.id} has no file in its output`];
  const answer = await fetch(output.file.url);
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.ok && bytes.equals(bytesOf(run.number))) return [];
  return [`${run.id}: its file was answered ${answer.status} with ${bytes.length} bytes, not those that were sent`];
}
