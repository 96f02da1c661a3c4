import { Select, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Component } from '../../api/schema.generated.js';
import { Dialog } from '../../ui/dialog.js';
import { DialogButtons } from '../../ui/dialog-buttons.js';
import { useFocusBack } from '../../ui/focus-back.js';
import { LoadingRows } from '../../ui/loading.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { CredentialDialog } from './dialog/credential-dialog.js';

export interface NewCredentialProps {
  catalogue: UseQueryResult<readonly Component[]>;
  /** The component that is chosen already; an empty text when none is. */
  firstComponent: string;
  onClose: () => void;
}

/** Asks for the component of a new credential, then for the credential. */
export function NewCredential({ catalogue, firstComponent, onClose }: NewCredentialProps): ReactNode {
  const taking = (catalogue.data ?? []).filter(({ credentials }) => credentials !== null);
  const [name, setName] = useState<string | null>(firstComponent === '' ? null : firstComponent);
  const [chosen, setChosen] = useState<Component | undefined>(() =>
    taking.find((each) => each.name === firstComponent),
  );
  // Two dialogs one after the other: of the second the first was before.
  useFocusBack();
  if (chosen) return <CredentialDialog onClose={onClose} component={chosen} />;
  const component = taking.find((each) => each.name === name);
  return (
    <Dialog onClose={onClose} title="Create new credential">
      {catalogue.data ? (
        <form
          aria-label="Create new credential"
          onSubmit={(event) => {
            event.preventDefault();
            setChosen(component);
          }}
        >
          <Stack>
            <Select
              label="Component"
              description="Whose steps sign in with it"
              placeholder="Choose a component"
              data={taking.map(({ name: value, title }) => ({ value, label: title }))}
              value={name}
              onChange={setName}
              searchable
              required
              data-autofocus
              // Where the components come only after the dialog has placed its focus.
              autoFocus
              nothingFoundMessage="No such component takes credentials"
            />
            <DialogButtons submit="Continue" disabled={!component} onCancel={onClose} />
          </Stack>
        </form>
      ) : catalogue.isError ? (
        <ProblemAlert error={catalogue.error} onRetry={catalogue.refetch} />
      ) : (
        <LoadingRows count={2} label="Loading the components" />
      )}
    </Dialog>
  );
}
