import { Button, Collapse, Group, Paper, PasswordInput, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { api, unwrap } from '../../../api/client.js';
import type { SignatureFinding } from '../../../api/schema.generated.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { base64Of, readPastedHeaders } from './pasted-request.js';
import { SignatureFindings } from './signature-findings.js';
import { monospace } from '../../../forms/monospace.js';

export interface SignatureDetectiveProps {
  /** What is typed as the secret of the credential so far. */
  secret: string;
  webhookUrl: string | undefined;
  onFound: (fields: NonNullable<SignatureFinding['fields']>, secret: string) => void;
}

/** So many lines that are no headers are shown. */
const shownUnread = 3;

/** Finds out from a request that a sender made how it signs, and fills in the form. Nothing of it is stored. */
export function SignatureDetective({ secret: given, webhookUrl, onFound }: SignatureDetectiveProps): ReactNode {
  const [opened, { toggle, close }] = useDisclosure(false);
  const [headers, setHeaders] = useState('');
  const [body, setBody] = useState('');
  const [url, setUrl] = useState(webhookUrl ?? '');
  const [typedSecret, setSecret] = useState<string>();
  const secret = typedSecret ?? given;
  const { unread } = readPastedHeaders(headers);
  const asking = useMutation({
    mutationFn: () => {
      const pasted = readPastedHeaders(headers);
      const question = {
        secret,
        method: pasted.method ?? 'POST',
        url: url.trim() || new URL(pasted.path ?? '/', globalThis.location.origin).href,
        headers: pasted.headers,
        rawBodyBase64: base64Of(body),
      };
      return unwrap(api.POST('/v1/credentials/detect-signature', { body: question }));
    },
  });
  const isReady = headers.trim() !== '' && secret !== '';
  // It stands in the form of the credential, which is neither saved by Enter here nor held back by what is missing here.
  const findByEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    if (isReady && !asking.isPending) asking.mutate();
  };
  return (
    <Paper withBorder p="sm" bg="transparent" onKeyDown={findByEnter}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">Not sure how the sender signs?</Text>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconSearch size={14} />}
          aria-expanded={opened}
          onClick={toggle}
        >
          Find out from a request
        </Button>
      </Group>
      <Collapse expanded={opened} keepMounted={false}>
        <Stack gap="sm" mt="sm">
          <Text size="sm" c="dimmed">
            Paste a request as the sender made it. It is looked at once and not kept.
          </Text>
          <Textarea
            label="Headers"
            description="One in each line, as they arrived"
            placeholder={'X-Hub-Signature-256: sha256=…'}
            withAsterisk
            autosize
            minRows={3}
            maxRows={10}
            styles={monospace}
            spellCheck={false}
            value={headers}
            onChange={(event) => setHeaders(event.currentTarget.value)}
          />
          {unread.length > 0 && (
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              Left out, for it is no header: {unread.slice(0, shownUnread).join(' · ')}
              {unread.length > shownUnread && ' …'}
            </Text>
          )}
          <Textarea
            label="Body"
            description="Byte for byte, spaces and line ends included"
            autosize
            minRows={3}
            maxRows={10}
            styles={monospace}
            spellCheck={false}
            value={body}
            onChange={(event) => setBody(event.currentTarget.value)}
          />
          <PasswordInput
            label="Secret of the sender"
            withAsterisk
            autoComplete="new-password"
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
          <TextInput
            label="URL that the sender called"
            description="Some senders sign it, too"
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
          />
          <Button
            style={{ alignSelf: 'flex-start' }}
            loading={asking.isPending}
            disabled={!isReady}
            onClick={() => asking.mutate()}
          >
            Find the signature
          </Button>
          <ProblemAlert error={asking.error} />
          {asking.data && (
            <SignatureFindings
              {...asking.data}
              onUse={(fields) => {
                onFound(fields, secret);
                close();
              }}
            />
          )}
        </Stack>
      </Collapse>
    </Paper>
  );
}
