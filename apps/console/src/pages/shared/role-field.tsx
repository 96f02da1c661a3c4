import { Radio, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Role } from '../../api/session.js';

/** Which role a user or an API token is to have. */
export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }): ReactNode {
  return (
    <Radio.Group label="Role" value={value} onChange={onChange}>
      <Stack gap="xs" mt="xs">
        <Radio value="member" label="Member" description="Flows, credentials and runs" />
        <Radio value="administrator" label="Administrator" description="Users, API tokens, audit and workspace, too" />
      </Stack>
    </Radio.Group>
  );
}
