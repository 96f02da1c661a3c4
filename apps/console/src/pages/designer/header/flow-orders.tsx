import { Button } from '@mantine/core';
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconPlayerTrackNextFilled,
  type Icon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
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

/** What the status of the flow allows; a flow that was never published has nothing to start. */
export function FlowOrders(): ReactNode {
  const { flow } = useDraft();
  const order = useOrder();
  return orders[flow.status].map((name) => {
    const { label, icon: Sign } = shown[name];
    return (
      <Button
        key={name}
        size="sm"
        variant={name === 'start' || name === 'resume' ? 'filled' : 'default'}
        leftSection={<Sign size={16} aria-hidden="true" />}
        loading={order.isPending && order.variables === name}
        disabled={order.isPending}
        onClick={() => order.mutate(name)}
      >
        {label}
      </Button>
    );
  });
}
