import { ActionIcon, Button, Group, TextInput, Title, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type ReactNode } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Flow } from '../../../api/schema.generated.js';
import { fieldFault } from '../../../ui/field-fault.js';
import { saidOfProblem } from '../../../ui/problem-words.js';

/** The name of the flow as the heading of the page; it can be changed in place. */
export function FlowName({ flow }: { flow: Flow }): ReactNode {
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setTyped(null);
    rename.reset();
    requestAnimationFrame(() => pencil.current?.focus());
  };
  const rename = useMutation({
    mutationFn: (name: string) =>
      unwrap(api.PATCH('/v1/flows/{flowId}', { params: { path: { flowId: flow.id } }, body: { name } })),
    onSuccess: (changed) => {
      client.setQueryData([keys.flows, 'one', flow.id], changed);
      void client.invalidateQueries({ queryKey: [keys.flows] });
      close();
    },
  });
  const save = (): void => {
    const name = typed?.trim() ?? '';
    if (name === '' || name === flow.name) close();
    else rename.mutate(name);
  };

  if (typed === null) {
    return (
      <Group gap={4} wrap="nowrap" miw={0}>
        <title>{`${flow.name} · Millrace`}</title>
        <Title order={1} size="h3" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
          {flow.name}
        </Title>
        <Tooltip label="Rename">
          <ActionIcon
            ref={pencil}
            variant="subtle"
            color="gray"
            aria-label="Rename the flow"
            onClick={() => setTyped(flow.name)}
          >
            <IconPencil size={16} aria-hidden="true" />
          </ActionIcon>
        </Tooltip>
      </Group>
    );
  }
  return (
    <Group
      component="form"
      gap="xs"
      align="flex-start"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextInput
        aria-label="Name of the flow"
        value={typed}
        maxLength={200}
        autoFocus
        w={280}
        maw="100%"
        onChange={(event) => setTyped(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close();
        }}
        error={rename.error ? (fieldFault(rename.error, '/name') ?? saidOfProblem(rename.error)) : undefined}
      />
      <Button type="submit" loading={rename.isPending}>
        Save
      </Button>
      <Button variant="default" onClick={close}>
        Cancel
      </Button>
    </Group>
  );
}
