import { Anchor, VisuallyHidden } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Leads to something to read in a tab of its own: what is under way here stays open. */
export function NewTabLink({ href, children }: { href: string; children: ReactNode }): ReactNode {
  return (
    <Anchor href={href} target="_blank" rel="noopener" size="sm">
      {children} <IconExternalLink size={13} aria-hidden="true" style={{ verticalAlign: '-0.1em' }} />
      <VisuallyHidden> (opens a new tab)</VisuallyHidden>
    </Anchor>
  );
}
