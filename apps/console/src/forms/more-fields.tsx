import { Button, Collapse, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';

export interface MoreFieldsProps {
  children: readonly ReactNode[];
  /** One of them has a value or a fault that is to be seen. */
  isAsked: boolean;
}

/** Fields that are folded away until someone asks for them; nothing where there are none. */
export function MoreFields({ children, isAsked }: MoreFieldsProps): ReactNode {
  const [opened, { open, toggle }] = useDisclosure(isAsked);
  useEffect(() => {
    if (isAsked) open();
  }, [isAsked, open]);
  if (children.length === 0) return null;
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-expanded={opened}
        onClick={toggle}
        style={{ alignSelf: 'flex-start' }}
        leftSection={opened ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
      >
        {opened ? 'Fewer fields' : `More fields (${children.length})`}
      </Button>
      <Collapse expanded={opened} keepMounted={false}>
        <Stack gap="md">{children}</Stack>
      </Collapse>
    </>
  );
}
