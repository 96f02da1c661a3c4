import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { asApiProblem } from '../../../api/api-problem.js';
import type { Component, Credential } from '../../../api/schema.generated.js';
import { FormContext } from '../../../forms/form-context.js';
import { SchemaFields } from '../../../forms/schema-fields.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { ConnectWithOAuth2 } from './connect-with-oauth2.js';
import { SignatureDetective } from './signature-detective.js';
import { TypeSelect } from './type-select.js';
import { useCredentialForm } from './use-credential-form.js';
import { useSaveCredential } from './use-save-credential.js';
import { Verifying } from './verifying.js';

export interface CredentialFormProps {
  component: Component;
  /** What the field "Name" begins with. */
  firstName: string;
  onSaved: (credential: Credential) => void;
  onCancel: () => void;
  /** Address that requests are sent to, where it is known; signatures of some senders cover it. */
  webhookUrl?: string | null | undefined;
}

/** Creates a credential: its type, its name and its fields. What was typed survives every refusal. */
export function CredentialForm({
  component,
  firstName,
  onSaved,
  onCancel,
  webhookUrl,
}: CredentialFormProps): ReactNode {
  const form = useCredentialForm(component, firstName);
  const saving = useSaveCredential();
  const frame = useRef<HTMLFormElement>(null);
  const { type } = form;
  const problems = new Map(
    asApiProblem(saving.error ?? '').problems.map(({ pointer, message }) => [pointer, message] as const),
  );
  useEffect(() => {
    const first = frame.current?.querySelector<HTMLElement>('input:not([type="hidden"])');
    first?.focus();
  }, []);
  const connects = component.credentials?.oauth2 !== undefined && type?.given['type'] === 'oauth2';
  const signs = form.types.some(({ given }) => given['preset'] !== undefined);

  return (
    <form
      ref={frame}
      aria-label={`New credential for ${component.title}`}
      onSubmit={(event) => {
        event.preventDefault();
        // A form inside of the forms around it saves only itself.
        event.stopPropagation();
        if (!type || saving.isPending) return;
        saving.mutate(
          { component: component.name, name: form.name.trim(), fields: { ...type.given, ...form.values } },
          { onSuccess: (credential) => credential && onSaved(credential) },
        );
      }}
    >
      <Stack gap="md">
        {form.types.length > 1 && (
          <TypeSelect types={form.types} value={type?.key ?? null} onChange={form.chooseType} />
        )}
        {signs && type?.given['type'] === 'hmac' && (
          <SignatureDetective
            secret={typeof form.values['secret'] === 'string' ? form.values['secret'] : ''}
            webhookUrl={webhookUrl ?? undefined}
            onFound={(fields, secret) => form.takeFields({ ...fields, secret })}
          />
        )}
        <TextInput
          label="Name"
          description="By which you find it again. You can leave it as it is."
          required
          maxLength={200}
          value={form.name}
          onChange={(event) => form.setName(event.currentTarget.value)}
          error={problems.get('/name')}
          data-pointer="/name"
        />
        {type && (
          <FormContext value={{ root: component.credentials?.fields ?? {}, problems }}>
            {connects ? (
              <ConnectWithOAuth2
                component={component}
                name={form.name.trim()}
                schema={type.schema}
                values={form.values}
                onValues={form.setValues}
                onConnected={onSaved}
              />
            ) : (
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
        <ProblemAlert error={saving.error} shownPointers={[...problems.keys()]} />
        {saving.isPending && <Verifying title={component.title} onCancel={saving.cancel} />}
        <Group gap="sm">
          <Button type="submit" disabled={!type || form.name.trim() === ''} loading={saving.isPending}>
            Save
          </Button>
          <Button variant="default" onClick={onCancel} disabled={saving.isPending}>
            Back to the list
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
