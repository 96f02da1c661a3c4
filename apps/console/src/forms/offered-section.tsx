import { ActionIcon, Loader, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { OfferedOptions } from './use-offered-options.js';

/** At the end of a field whose values the component offers: that they are on their way, or "Reload". */
export function OfferedSection({ label, offered }: { label: string; offered: OfferedOptions }): ReactNode {
  if (offered.loading) return <Loader size="xs" aria-label="Loading values" />;
  return (
    <Tooltip label="Reload">
      <ActionIcon variant="subtle" color="gray" aria-label={`Reload the values of ${label}`} onClick={offered.reload}>
        <IconRefresh size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
