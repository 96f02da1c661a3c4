import { Alert, Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Credential } from '../../../api/schema.generated.js';
import { LoadingRows } from '../../../ui/loading.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { StatusBadge } from '../../../ui/status-badge.js';
import { CredentialForm } from '../../credentials/dialog/credential-form.js';
import { kindWords } from '../../credentials/dialog/credential-types.js';
import { fitsSearch } from '../../shared/fits-search.js';
import { freeName } from '../../shared/free-name.js';
import { useDraft } from '../draft/use-draft.js';
import type { WalkProps } from './operation-stage.js';
import { StageButtons } from './stage-buttons.js';
import { needsCredential } from './stages.js';
import { useStep } from './step-context.js';
import classes from './step-panel.module.css';
import { useCredentialsOf, useNoteCreated } from './use-credentials-of.js';

const none = '';
/** From so many on there is a search. */
const manyCredentials = 8;

/** Choosing a credential of the component, or creating one in place. */
export function CredentialStage({ onDone, onBack }: WalkProps): ReactNode {
  const { step, component, operation, shown, change } = useStep();
  const { flow } = useDraft();
  const query = useCredentialsOf(component?.name);
  const noteCreated = useNoteCreated();
  const [creates, setCreates] = useState(false);
  const [search, setSearch] = useState('');
  if (!component) return null;
  const credentials = query.data?.items ?? [];
  const needed = needsCredential(component, operation);
  const found = credentials.filter(({ id, name }) => id === step.credentialId || fitsSearch(name, search));

  if (creates) {
    const created = (credential: Credential): void => {
      noteCreated(credential);
      change({ credentialId: credential.id });
      setCreates(false);
    };
    return (
      <CredentialForm
        component={component}
        firstName={freeName(
          component.title,
          credentials.map((credential) => credential.name),
        )}
        webhookUrl={flow.webhookUrl}
        onSaved={created}
        onCancel={() => setCreates(false)}
      />
    );
  }
  return (
    <Stack gap="sm" data-pointer="/credentialId">
      {query.isPending && <LoadingRows count={2} label="Loading the credentials" />}
      <ProblemAlert error={query.error} onRetry={query.refetch} />
      {query.data && credentials.length === 0 && (
        <Text size="sm" c="dimmed">
          There is no credential for {component.title} yet. It is made once, and every step can use it.
        </Text>
      )}
      {query.data && (credentials.length > 0 || !needed) && (
        <Radio.Group
          label="Credential"
          required={needed}
          value={step.credentialId ?? none}
          onChange={(id) => change({ credentialId: id === none ? null : id })}
          error={shown.get('/credentialId')}
        >
          <Stack gap="xs" mt={6}>
            {credentials.length > manyCredentials && (
              <TextInput
                placeholder="Search"
                aria-label="Search the credentials"
                leftSection={<IconSearch size={16} aria-hidden="true" />}
                value={search}
                onChange={(event) => setSearch(event.currentTarget.value)}
              />
            )}
            {credentials.length > 0 && found.length === 0 && (
              <Text size="sm" c="dimmed">
                No credential is called so.
              </Text>
            )}
            {!needed && <Choice value={none} title="None" chosen={!step.credentialId} />}
            {found.map((credential) => (
              <Choice
                key={credential.id}
                value={credential.id}
                title={credential.name}
                kind={kindWords(component.credentials?.fields, credential)}
                chosen={step.credentialId === credential.id}
                state={credential.status}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {step.credentialId && query.data?.isWhole && !credentials.some(({ id }) => id === step.credentialId) && (
        <Alert color="red">The credential of this step does not exist any more. Choose another.</Alert>
      )}
      <Button
        variant={credentials.length === 0 ? 'filled' : 'default'}
        leftSection={<IconPlus size={16} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => setCreates(true)}
      >
        Create new credential
      </Button>
      <StageButtons onContinue={step.credentialId || !needed ? onDone : undefined} onBack={onBack} />
    </Stack>
  );
}

interface ChoiceProps {
  value: string;
  title: string;
  kind?: string | undefined;
  chosen: boolean;
  state?: Credential['status'];
}

function Choice({ value, title, kind, chosen, state }: ChoiceProps): ReactNode {
  return (
    <div className={classes['card']} {...(chosen && { 'data-chosen': true })}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Radio value={value} label={title} description={kind} style={{ overflowWrap: 'anywhere', minWidth: 0 }} />
        {state && (
          <StatusBadge status={state} tone={state === 'failing' ? 'bad' : state === 'verified' ? 'good' : 'calm'} />
        )}
      </Group>
    </div>
  );
}
