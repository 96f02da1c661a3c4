import { Code, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { NewTabLink } from '../../ui/new-tab-link.js';
import { Definitions } from './definitions.js';

/** What a mapping or a condition can say. */
export function ExpressionsHelp(): ReactNode {
  return (
    <>
      <Text size="sm">
        Mappings and conditions are written in <NewTabLink href="https://docs.jsonata.org">JSONata</NewTabLink>. In a
        mapping the picker beside a field mostly writes the expression for you, and while you type its value on the
        sample is shown below.
      </Text>
      <Definitions
        label="What expressions read"
        heads={['Expression', 'Gives']}
        rows={[
          [<Code key="field">petname</Code>, 'A field of what the step before gives; $ is all of it.'],
          [<Code key="steps">$steps.step_1.petname</Code>, 'The same of any step above.'],
          [<Code key="request">$request.headers</Code>, 'Of the call: headers, query, method, path.'],
          [<Code key="run">$run.id</Code>, 'Of the run: id, flowId, versionId, startedAt.'],
          [<Code key="text">"Hello " & petname</Code>, 'Texts put together.'],
          [<Code key="if">status = "sold" ? 1 : 0</Code>, 'One value or the other. A condition gives true or false.'],
          [<Code key="list">{'[items.{ "id": sku }]'}</Code>, 'A list, made of another one.'],
        ]}
      />
      <Text size="sm">
        What is missing is left out, <Code>null</Code> stays. An expression that takes too long or too much memory fails
        its step, and nothing else.
      </Text>
      <Definitions
        label="Functions besides those of JSONata"
        heads={['Function', 'Gives']}
        rows={[
          [<Code key="parse">$parseDate("24.12.2025", "[D01].[M01].[Y0001]")</Code>, 'A date, read by a picture.'],
          [
            <Code key="format">$formatDate($now(), "[H01]:[m01]", "Europe/Berlin")</Code>,
            'A date as text, in a time zone.',
          ],
          [<Code key="add">$addTime($now(), 1, "month")</Code>, 'A date later, or earlier with a negative number.'],
          [<Code key="hash">$hash(text, "sha256")</Code>, 'A hash; $hmac(text, key) with a key.'],
          [<Code key="base64">$base64urlEncode(text)</Code>, 'base64url, and $base64urlDecode back.'],
          [<Code key="uuid">$uuid()</Code>, 'A UUID, the same one when a step is tried again.'],
          [<Code key="resume">$resumeUrl("step_3")</Code>, 'The URL with which a step that waits goes on.'],
        ]}
      />
    </>
  );
}
