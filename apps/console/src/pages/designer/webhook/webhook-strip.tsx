import { Button, Code, Collapse, Paper, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp, IconWebhook } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CopyButton } from '../../../ui/copy-button.js';
import { useDraft } from '../draft/use-draft.js';
import { CurlBox } from './curl-box.js';
import classes from './webhook-strip.module.css';

/** Where senders call the flow, once it is published, and a command that does it. */
export function WebhookStrip(): ReactNode {
  const { flow } = useDraft();
  const [opened, { toggle }] = useDisclosure(false);
  if (flow.publishedVersion === null || flow.webhookUrl === null) return null;
  return (
    <Paper withBorder component="section" aria-label="Webhook URL" px="sm" py={6}>
      <div className={classes['line']}>
        <IconWebhook size={18} aria-hidden="true" style={{ flex: 'none' }} />
        <Text size="sm" fw={600} visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
          Webhook URL
        </Text>
        <Code className={classes['url'] ?? ''}>{flow.webhookUrl}</Code>
        <CopyButton value={flow.webhookUrl} label="Copy the webhook URL">
          Copy
        </CopyButton>
        <Button
          size="xs"
          variant="default"
          flex="none"
          aria-expanded={opened}
          rightSection={
            opened ? <IconChevronUp size={14} aria-hidden="true" /> : <IconChevronDown size={14} aria-hidden="true" />
          }
          onClick={toggle}
        >
          curl
        </Button>
      </div>
      {flow.status !== 'running' && (
        <Text size="xs" c="dimmed" mt={2}>
          {flow.status === 'paused'
            ? 'The flow is paused: calls are accepted and wait until it is resumed.'
            : 'The flow is stopped: calls are answered 404 until it is started.'}
        </Text>
      )}
      <Collapse expanded={opened}>{opened && <CurlBox webhookUrl={flow.webhookUrl} />}</Collapse>
    </Paper>
  );
}
