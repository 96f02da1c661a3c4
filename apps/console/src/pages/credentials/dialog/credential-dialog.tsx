import type { ReactNode } from 'react';
import type { Component, Credential } from '../../../api/schema.generated.js';
import { Dialog } from '../../../ui/dialog.js';
import { shortName } from '../../../ui/short-name.js';
import { ChangeCredentialForm } from './change-credential-form.js';
import { CredentialForm } from './credential-form.js';

export interface CredentialDialogProps {
  onClose: () => void;
  component: Component;
  /** The one to change; without it a new one is made. */
  credential?: Credential | undefined;
  /** What the name of a new one begins with. */
  firstName?: string | undefined;
  onSaved?: ((credential: Credential) => void) | undefined;
}

/** Creates a credential of a component, or changes one, in a dialog. */
export function CredentialDialog(props: CredentialDialogProps): ReactNode {
  const { onClose, component, credential, firstName = component.title, onSaved } = props;
  const done = (saved: Credential): void => {
    onSaved?.(saved);
    onClose();
  };
  return (
    <Dialog
      onClose={onClose}
      size="lg"
      // A slip beside the dialog must not lose what was typed.
      closeOnClickOutside={false}
      title={credential ? `Change ${shortName(credential.name)}` : `New credential for ${component.title}`}
    >
      {credential ? (
        <ChangeCredentialForm component={component} credential={credential} onSaved={done} onCancel={onClose} />
      ) : (
        <CredentialForm component={component} firstName={firstName} onSaved={done} onCancel={onClose} />
      )}
    </Dialog>
  );
}
