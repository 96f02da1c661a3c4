import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Definitions } from './definitions.js';

/** What the states of runs mean, and what people can do. */
export function RunsHelp(): ReactNode {
  return (
    <>
      <Definitions
        label="States of a run"
        heads={['State', 'What it means']}
        rows={[
          [
            'queued',
            'It waits to begin: the flow is paused or stopped, has as many runs as it may have at a time, or another run of the same key comes first.',
          ],
          ['running', 'At least one of its steps is at work, or will be tried again.'],
          [
            'waiting',
            'A step waits for a call of its resume URL or until its time is over, or gathers items of other runs.',
          ],
          ['succeeded', 'All of its branches came to their end.'],
          ['failed', 'A step failed for good. The run page says which one, why, and how to mend it.'],
          ['cancelled', 'Somebody ended it.'],
          ['duplicate', 'The same request had come before; this one does nothing.'],
        ]}
      />
      <Text size="sm">
        A step that fails for a passing reason, such as a system that is away, is tried again: three times in all, with
        growing pauses, unless you set it otherwise under “Advanced”. What can never succeed, such as a refused input,
        is not. A step may run twice when a machine dies in the middle of it: systems that know idempotency keys notice
        that.
      </Text>
      <Text size="sm">
        <b>Retry</b> goes on from the step that failed, on the same version or on the newest. <b>Replay</b> takes the
        request of a run and runs all of it once more. Both work for many runs at once: filter them under Runs. An
        incident retries all of its runs.
      </Text>
    </>
  );
}
