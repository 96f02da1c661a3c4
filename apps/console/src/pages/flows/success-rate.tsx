import { Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Flow } from './use-flows.js';

/** How many of the runs that ended have succeeded, as a number and a bar. */
export function SuccessRate({ succeeded, failed, successRate }: Flow['lastWeek']): ReactNode {
  if (successRate === null) {
    return (
      <Text size="sm" c="dimmed">
        –
      </Text>
    );
  }
  return (
    <div>
      <Text size="sm" component="div">
        {rateWords(successRate)}{' '}
        <Text span size="xs" c="dimmed">
          of {(succeeded + failed).toLocaleString('en')}
        </Text>
      </Text>
      <Progress value={successRate * 100} size={5} color={failed === 0 ? 'green' : 'orange'} aria-hidden="true" />
    </div>
  );
}

/** Never 100 % where something failed, nor 0 % where something succeeded. */
export function rateWords(rate: number): string {
  if (rate === 1 || rate === 0) return `${rate * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, rate * 100)).toFixed(1)} %`;
}
