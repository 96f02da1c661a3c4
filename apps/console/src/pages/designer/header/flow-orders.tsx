import { Button, Group } from '@mantine/core';
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconPlayerTrackNextFilled,
  type Icon,
} from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import type { FlowStatus } from '../../../api/schema.generated.js';
import { useDraft } from '../draft/use-draft.js';
import { useOrder, type Order } from './use-flow-changes.js';

const orders: Readonly<Record<FlowStatus, readonly Order[]>> = {
  draft: [],
  stopped: ['start'],
  running: ['pause', 'stop'],
  paused: ['resume', 'stop'],
};

const shown: Readonly<Record<Order, { label: string; icon: Icon }>> = {
  start: { label: 'Start', icon: IconPlayerPlayFilled },
  stop: { label: 'Stop', icon: IconPlayerStopFilled },
  pause: { label: 'Pause', icon: IconPlayerPauseFilled },
  resume: { label: 'Resume', icon: IconPlayerTrackNextFilled },
};

/**
 * What the status of the flow allows; a flow that was never published has nothing to start. Whoever gave an order here stays
 * among the orders when the button goes with the old status; after a refusal the button is still there.
 */
export function FlowOrders(): ReactNode {
  const { flow } = useDraft();
  const order = useOrder();
  const group = useRef<HTMLDivElement>(null);
  /** The status at which an order was given that has not changed it yet. */
  const orderedAt = useRef<FlowStatus>(undefined);
  useEffect(() => {
    if (orderedAt.current === undefined || orderedAt.current === flow.status) return;
    orderedAt.current = undefined;
    if (document.activeElement === document.body) group.current?.querySelector('button')?.focus();
  }, [flow.status]);
  const names = orders[flow.status];
  if (names.length === 0) return null;
  return (
    <Group ref={group} gap="xs">
      {names.map((name) => {
        const { label, icon: Sign } = shown[name];
        return (
          <Button
            key={name}
            size="sm"
            variant={name === 'start' || name === 'resume' ? 'filled' : 'default'}
            leftSection={<Sign size={16} aria-hidden="true" />}
            // A disabled button would lose the focus.
            aria-disabled={order.isPending}
            {...(order.isPending && { 'data-disabled': true, 'data-loading': order.variables === name })}
            onClick={() => {
              if (order.isPending) return;
              orderedAt.current = flow.status;
              order.mutate(name, { onError: () => (orderedAt.current = undefined) });
            }}
          >
            {label}
          </Button>
        );
      })}
    </Group>
  );
}
