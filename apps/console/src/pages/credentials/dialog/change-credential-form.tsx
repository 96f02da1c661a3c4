import { Button, Group, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { asApiProblem } from '../../../api/api-problem.js';
import type { Component, Credential } from '../../../api/schema.generated.js';
import { FormContext } from '../../../forms/form-context.js';
import { SchemaFields } from '../../../forms/schema-fields.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { TypeSelect } from './type-select.js';
import { useAuthorization } from './use-authorization.js';
import { useCredentialForm } from './use-credential-form.js';
import { useSaveCredential } from './use-save-credential.js';
import { Verifying } from './verifying.js';
import { WaitingForWindow } from './waiting-for-window.js';

export interface ChangeCredentialFormProps {
  component: Component;
  credential: Credential;
  onSaved: (credential: Credential) => void;
  onCancel: () => void;
}

/** Renames a credential and, on demand, replaces all its fields: those that it has are never shown. */
export function ChangeCredentialForm({
  component,
  credential,
  onSaved,
  onCancel,
}: ChangeCredentialFormProps): ReactNode {
  const form = useCredentialForm(component, credential.name);
  const [replaces, setReplaces] = useState(false);
  const saving = useSaveCredential();
  const authorization = useAuthorization(onSaved);
  const { type } = form;
  const problems = new Map(
    asApiProblem(saving.error ?? '').problems.map(({ pointer, message }) => [pointer, message] as const),
  );
  const name = form.name.trim();
  const isReady = name !== '' && (replaces ? type !== undefined : name !== credential.name);
  const save = (): void => {
    if (!isReady || saving.isPending) return;
    const fields = replaces && type ? { fields: { ...type.given, ...form.values } } : {};
    saving.mutate(
      { id: credential.id, ...(name !== credential.name && { name }), ...fields },
      { onSuccess: (saved) => saved && onSaved(saved) },
    );
  };
  return (
    <form
      aria-label={`Change the credential ${credential.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        save();
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={200}
          data-autofocus
          value={form.name}
          onChange={(event) => form.setName(event.currentTarget.value)}
          error={problems.get('/name')}
        />
        <Switch
          label="Replace its fields"
          description="The fields that it has are never shown, so all of them are typed anew."
          checked={replaces}
          onChange={(event) => setReplaces(event.currentTarget.checked)}
        />
        {replaces && (
          <FormContext value={{ root: component.credentials?.fields ?? {}, problems }}>
            {form.types.length > 1 && (
              <TypeSelect types={form.types} value={type?.key ?? null} onChange={form.chooseType} />
            )}
            {type && (
              <SchemaFields
                key={type.key}
                schema={type.schema}
                value={form.values}
                onChange={form.setValues}
                pointer="/fields"
              />
            )}
          </FormContext>
        )}
        {component.credentials?.oauth2 && !replaces && (
          <Button
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            loading={authorization.waiting}
            onClick={() => authorization.begin({ credentialId: credential.id })}
          >
            Connect again
          </Button>
        )}
        {authorization.waiting && <WaitingForWindow title={component.title} onStop={authorization.stop} />}
        <ProblemAlert error={saving.error ?? authorization.error} shownPointers={[...problems.keys()]} />
        {saving.isPending && <Verifying title={component.title} onCancel={saving.cancel} />}
        <Group gap="sm">
          <Button type="submit" disabled={!isReady} loading={saving.isPending}>
            Save
          </Button>
          <Button variant="default" onClick={onCancel} disabled={saving.isPending}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
