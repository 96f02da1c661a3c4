import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Definitions } from './definitions.js';

const to = (path: string, label: string): ReactNode => (
  <Anchor component={Link} to={path} size="sm" fw={600}>
    {label}
  </Anchor>
);

/** Where to look first. */
export function ProblemsHelp(): ReactNode {
  return (
    <>
      <Definitions
        label="Where to look"
        heads={['Page', 'What is there']}
        rows={[
          [to('/rejections', 'Rejections'), 'Calls that were refused, with the reason: they never became runs.'],
          [to('/runs?status=failed', 'Failed runs'), 'Each with its step, the error and how to mend it.'],
          [
            to('/incidents', 'Incidents'),
            'Failed steps of the same cause as one line: mend the cause, retry them all.',
          ],
          [to('/components', 'Components'), 'A component that is away: its steps wait until it is back.'],
          [
            to('/parked', 'Parked'),
            'Messages that could not be read, or were tried too often; an administrator releases or deletes them.',
          ],
        ]}
      />
      <Text size="sm">
        An error that the server has answered shows the id of its request. With it, whoever runs Millrace finds what
        happened in the logs.
      </Text>
    </>
  );
}
