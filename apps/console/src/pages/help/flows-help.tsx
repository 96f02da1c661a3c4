import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Definitions } from './definitions.js';

/** From the draft to a flow that runs. */
export function FlowsHelp(): ReactNode {
  return (
    <>
      <Text size="sm">
        Changes go into the <b>draft</b> and are saved by themselves. <b>Publish draft</b> makes a numbered version of
        it, which never changes. New requests run on the newest version; runs that have begun finish on theirs. Under
        “Versions” you compare them and bring an old one back as the draft.
      </Text>
      <Definitions
        label="States of a flow"
        heads={['State', 'What becomes of a call']}
        rows={[
          ['draft', 'It was never published: calls are answered 404, but for one that you wait for as a sample.'],
          ['running', 'Calls are taken, and each becomes a run.'],
          ['paused', 'Calls are taken and wait as queued runs until you resume the flow.'],
          ['stopped', 'As a draft. Runs that have begun go on; queued ones stay queued, and you may cancel them.'],
        ]}
      />
      <Text size="sm">
        A step may be followed by several: then each follows every output, or only those for which the condition at its
        beginning is true. One of them may be the default, which is taken when no condition is true.
      </Text>
    </>
  );
}
