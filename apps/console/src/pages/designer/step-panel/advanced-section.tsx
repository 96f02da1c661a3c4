import { Button, Checkbox, Collapse, NumberInput, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { defaultRetryPolicy, type RetrySettings } from '@millrace/flow-model';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { changeEdge } from '../draft/edits.js';
import { useDraft } from '../draft/use-draft.js';
import { SingleExpression } from './mapping/single-expression.js';
import { useStep } from './step-context.js';

/** Retries, timeout, and the condition under which the step is run. */
export function AdvancedSection({ problems }: { problems: ReadonlyMap<string, string> }): ReactNode {
  const { step, edge, change } = useStep();
  const { edit } = useDraft();
  const isAsked = ['/condition', '/default', '/retry', '/timeoutMs'].some((field) => problems.has(field));
  const isUsed =
    step.retry !== undefined || step.timeoutMs !== undefined || Boolean(edge?.condition) || edge?.default === true;
  const [opened, { toggle }] = useDisclosure(isUsed || isAsked);
  const retry = step.retry;
  const setRetry = (name: keyof RetrySettings, value: number | undefined): void => {
    const { [name]: _before, ...rest }: Partial<RetrySettings> = retry ?? {};
    const next = value === undefined ? rest : { ...rest, [name]: value };
    const isUsual = Object.keys(next).length === 0;
    change({ retry: isUsual ? undefined : { maxAttempts: defaultRetryPolicy.maxAttempts, ...next } });
  };
  const seconds = (ms: number | undefined): number | string => (ms === undefined ? '' : ms / 1_000);
  const read = (value: number | string, factor = 1): number | undefined => {
    const number = Number(value);
    return value === '' || !Number.isFinite(number) ? undefined : Math.round(number * factor);
  };
  return (
    <div>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-expanded={opened}
        onClick={toggle}
        leftSection={opened ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
      >
        Advanced
      </Button>
      <Collapse expanded={opened} keepMounted={false}>
        <Stack gap="md" mt="sm">
          <SimpleGrid cols={2} spacing="sm">
            <NumberInput
              label="Attempts at most"
              description="The first one included"
              placeholder={String(defaultRetryPolicy.maxAttempts)}
              min={1}
              max={100}
              allowDecimal={false}
              value={retry?.maxAttempts ?? ''}
              onChange={(value) => setRetry('maxAttempts', read(value))}
              data-pointer="/retry"
            />
            <NumberInput
              label="First pause (seconds)"
              description="Before the second attempt"
              placeholder={String(defaultRetryPolicy.initialDelayMs / 1_000)}
              min={0.1}
              value={seconds(retry?.initialDelayMs)}
              onChange={(value) => setRetry('initialDelayMs', read(value, 1_000))}
            />
            <NumberInput
              label="Each pause longer by"
              description="A factor"
              placeholder={String(defaultRetryPolicy.factor)}
              min={1}
              max={10}
              value={retry?.factor ?? ''}
              onChange={(value) => setRetry('factor', value === '' ? undefined : Number(value))}
            />
            <NumberInput
              label="Longest pause (seconds)"
              description="Pauses grow up to it"
              placeholder={String(defaultRetryPolicy.maxDelayMs / 1_000)}
              min={0.1}
              value={seconds(retry?.maxDelayMs)}
              onChange={(value) => setRetry('maxDelayMs', read(value, 1_000))}
            />
          </SimpleGrid>
          <NumberInput
            label="Timeout of an attempt (seconds)"
            description="Up to 900"
            min={0.1}
            max={900}
            value={seconds(step.timeoutMs)}
            onChange={(value) => change({ timeoutMs: read(value, 1_000) })}
            data-pointer="/timeoutMs"
            error={problems.get('/timeoutMs')}
          />
          {edge && (
            <>
              <SingleExpression
                label="Condition"
                help="The step is run only when this gives true; without one, always"
                value={edge.condition ?? ''}
                onChange={(condition) =>
                  edit((draft) => changeEdge(draft, edge, { condition: condition.trim() === '' ? null : condition }))
                }
                pointer="/condition"
                error={problems.get('/condition')}
              />
              <Checkbox
                label="Run it when no condition of its siblings is true"
                checked={edge.default === true}
                onChange={(event) => {
                  const isDefault = event.currentTarget.checked;
                  edit((draft) => changeEdge(draft, edge, { default: isDefault ? true : undefined }));
                }}
                error={problems.get('/default')}
                data-pointer="/default"
              />
            </>
          )}
          <Text size="xs" c="dimmed">
            A step that fails is tried again after longer and longer pauses. Fields that are left empty have the values
            shown in grey.
          </Text>
        </Stack>
      </Collapse>
    </div>
  );
}
