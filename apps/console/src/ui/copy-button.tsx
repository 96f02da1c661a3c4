import { ActionIcon, Button, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';

export interface CopyButtonProps {
  /** A function where the text is dear to make: it is called when it is copied. */
  value: string | (() => string);
  /** What is copied: "Copy the URL". */
  label: string;
  /** The text of a full button; without it the button is an icon. */
  children?: string;
}

const shownForMs = 2_000;

/** Puts a text on the clipboard and says whether that worked. */
export function CopyButton({ value, label, children }: CopyButtonProps): ReactNode {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | undefined>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), shownForMs);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async (): Promise<void> => {
    setOutcome((await writeClipboard(typeof value === 'string' ? value : value())) ? 'copied' : 'failed');
  };
  const said = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Could not be copied; select it by hand' : '';
  const icon =
    outcome === 'copied' ? <IconCheck size={16} aria-hidden="true" /> : <IconCopy size={16} aria-hidden="true" />;
  return (
    <>
      {children === undefined ? (
        <Tooltip label={said || label}>
          <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => void copy()}>
            {icon}
          </ActionIcon>
        </Tooltip>
      ) : (
        <Button variant="default" size="xs" leftSection={icon} aria-label={label} onClick={() => void copy()}>
          {said || children}
        </Button>
      )}
      <VisuallyHidden aria-live="polite">{said}</VisuallyHidden>
    </>
  );
}

/** Resolves whether it worked. Pages of plain HTTP have no clipboard of their own, so an invisible field stands in. */
async function writeClipboard(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused: the older way may still be allowed.
    }
  }
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
