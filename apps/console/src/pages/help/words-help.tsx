import type { ReactNode } from 'react';
import { Definitions } from './definitions.js';

/** One word for one thing, the same on every page and in the API. */
export function WordsHelp(): ReactNode {
  return (
    <Definitions
      label="Words"
      heads={['Word', 'What it means']}
      rows={[
        ['Component', 'A service that connects one system: Webhook, Petstore API, X (Twitter) …'],
        ['Operation', 'What a component offers: a trigger, with which runs begin, or an action.'],
        [
          'Credential',
          'How steps sign in. It is made once, checked where that is possible, kept encrypted and never shown again.',
        ],
        ['Flow', 'A tree of steps with a name. You change its draft; versions of it run.'],
        ['Step', 'One use of an operation in a flow: step_1 is the trigger, the others are actions.'],
        ['Mapping', 'Says for each field of a step where its value comes from.'],
        ['Sample', 'An example of what a step gives, from which you choose values for the steps below.'],
        ['Request', 'One accepted call of a webhook URL. Its id is that of the run that it becomes.'],
        ['Run', 'One execution of a version, with the input, output and errors of each of its steps.'],
        ['Attempt', 'One try of a step in a run.'],
      ]}
    />
  );
}
