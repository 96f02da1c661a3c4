import { Alert, Code, Group, Stack, Text } from '@mantine/core';
import { IconEyeExclamation } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.js';

export interface SecretOnceProps {
  /** What it is: "Token". */
  label: string;
  value: string;
  /** What to do with it, and who may have it. */
  children: ReactNode;
}

/** Something that is shown now and never again, to be copied. */
export function SecretOnce({ label, value, children }: SecretOnceProps): ReactNode {
  return (
    <Alert color="yellow" title="Shown only now" icon={<IconEyeExclamation aria-hidden="true" />}>
      <Stack gap="sm">
        <Text size="sm">{children}</Text>
        <CopyLine label={label} value={value} />
      </Stack>
    </Alert>
  );
}

/** A line of code that can be copied. */
export function CopyLine({ label, value }: { label: string; value: string }): ReactNode {
  return (
    <Group gap="xs" align="flex-start">
      <Code
        block
        flex="1 1 260px"
        miw={0}
        tabIndex={0}
        aria-label={label}
        style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}
      >
        {value}
      </Code>
      <CopyButton value={value} label={`Copy: ${label}`}>
        Copy
      </CopyButton>
    </Group>
  );
}
