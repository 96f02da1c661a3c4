import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { SignatureDetection, SignatureFinding } from '../../../api/schema.generated.js';

export interface SignatureFindingsProps extends SignatureDetection {
  onUse: (fields: NonNullable<SignatureFinding['fields']>) => void;
}

const verdicts = {
  fits: { color: 'green', title: 'This fits', Icon: IconCircleCheck },
  nearMiss: { color: 'yellow', title: 'Nearly', Icon: IconAlertTriangle },
  noFit: { color: 'red', title: 'Signed, but not with this secret', Icon: IconCircleX },
} as const;

/** What the detective found, likely ones first. */
export function SignatureFindings({ findings, complete, onUse }: SignatureFindingsProps): ReactNode {
  return (
    <Stack gap="sm" aria-live="polite">
      {findings.length === 0 && (
        <Alert color="yellow" title="Nothing here looks like a signature">
          Check that all headers are pasted: the signature stands in one of them.
        </Alert>
      )}
      {findings.map(({ verdict, scheme, problem, text, fields }) => {
        const { color, title, Icon } = verdicts[verdict];
        return (
          <Alert
            key={`${scheme} ${problem ?? ''} ${text}`}
            color={color}
            title={title}
            icon={<Icon aria-hidden="true" />}
          >
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {text}
            </Text>
            {fields !== undefined && (
              <Button
                size="xs"
                mt="xs"
                variant={verdict === 'fits' ? 'filled' : 'default'}
                onClick={() => onUse(fields)}
              >
                Use this
              </Button>
            )}
          </Alert>
        );
      })}
      {!complete && (
        <Text size="sm" c="dimmed">
          The body is large, so not everything was tried.
        </Text>
      )}
    </Stack>
  );
}
