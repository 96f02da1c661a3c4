import { Code, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { NewTabLink } from '../../ui/new-tab-link.js';
import { Definitions } from './definitions.js';

/** What senders have to know. */
export function CallsHelp(): ReactNode {
  return (
    <>
      <Text size="sm">
        Send JSON, XML, a form or a file to the webhook URL of a flow, in the way that its credential asks for. When a
        flow that runs answers <Code>200</Code>, or what it was told to answer, the call is stored and will run,
        whatever happens to our servers. Every answer has the id of the request in the header{' '}
        <Code>x-millrace-request-id</Code>.
      </Text>
      <Definitions
        label="Answers"
        heads={['Answer', 'What it means for the sender']}
        rows={[
          [<Code key="200">200</Code>, 'Accepted; a copy of a call that came before is, too, and says so.'],
          [<Code key="400">400</Code>, 'The body cannot be read; the answer says why, and where if that is known.'],
          [<Code key="401">401</Code>, 'User name, password, key or signature is missing or wrong.'],
          [<Code key="404">404</Code>, 'There is no such flow, it does not run, or a schedule sets it off.'],
          [<Code key="405">405</Code>, 'The flow does not take this method.'],
          [<Code key="413">413</Code>, 'The body is too large.'],
          [<Code key="415">415</Code>, 'The type or the encoding of the body cannot be read.'],
          [<Code key="429">429</Code>, 'Too many calls: send it again after the seconds in Retry-After.'],
          [
            <Code key="502">502, 504</Code>,
            'Accepted, but the flow gave no answer in time: sent again, it would run again.',
          ],
          [<Code key="503">503</Code>, 'It is not certain that the call is stored: send it again after Retry-After.'],
        ]}
      />
      <Text size="sm">
        Why a call was refused is listed under Rejections. All routes of the control plane are in the{' '}
        <NewTabLink href="/v1/docs">API documentation</NewTabLink>.
      </Text>
    </>
  );
}
