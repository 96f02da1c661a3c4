import { Alert, Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import type { DraftStep } from '@millrace/flow-model';
import { useEffect, useEffectEvent, useMemo, useState, type ReactNode } from 'react';
import { FormContext, type ExpressionFieldProps } from '../../../forms/form-context.js';
import { fieldsOf } from '../../../forms/fields.js';
import { SchemaFields } from '../../../forms/schema-fields.js';
import type { Operation } from '../../../api/schema.generated.js';
import { NewTabLink } from '../../../ui/new-tab-link.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { shortName } from '../../../ui/short-name.js';
import { operationAnchor } from '../../components/operation-facts.js';
import { HelpLink } from '../../help/help-link.js';
import { useDraft } from '../draft/use-draft.js';
import { AdvancedSection } from './advanced-section.js';
import { MappingForm } from './mapping/mapping-form.js';
import { SingleExpression } from './mapping/single-expression.js';
import { usePreview } from './mapping/use-preview.js';
import type { WalkProps } from './operation-stage.js';
import { ScheduleFields } from './schedule-fields.js';
import { StageButtons } from './stage-buttons.js';
import { stageOfField } from './stages.js';
import { useStep } from './step-context.js';
import { useInputSchema, type InputSchema } from './use-operation-schema.js';
import { useOptionSource } from './use-option-source.js';

/** Configuration, mapping, and what else can be set of a step. */
export function FieldsStage({ onDone, onBack }: WalkProps): ReactNode {
  const { step, isTrigger, operation, problems, missing, shown, change } = useStep();
  const { saveNow } = useDraft();
  // The first try with faults tells them, the second goes on all the same.
  const [tries, setTries] = useState(0);
  const tried = tries > 0;
  const preview = usePreview(step.mapping ?? {}, !isTrigger);
  const input = useInputSchema();
  const options = useOptionSource(preview.value);
  const told = useMemo(() => (tried ? problems : shown), [tried, problems, shown]);
  const own = [...problems.keys()].filter((field) => stageOfField(field) === 'fields');
  // What is missing is known of the draft as it is saved, so whether to go on is for the render after that.
  const leave = useEffectEvent(() => {
    if (own.length === 0 || tries > 1) onDone();
  });
  useEffect(() => {
    if (tries > 0) leave();
  }, [tries]);
  if (!operation) return null;
  const hasConfig = fieldsOf(operation.config).length > 0;
  const polled = operation.triggerType === 'polling';

  const goOn = async (): Promise<void> => {
    await saveNow();
    setTries((before) => before + 1);
  };
  return (
    <Stack gap="lg">
      <Reading component={step.component ?? ''} operation={operation} isTrigger={isTrigger} />
      {hasConfig && (
        <section aria-label="Configuration">
          {!isTrigger && <Heading>Configuration</Heading>}
          <FormContext
            value={{
              root: operation.config,
              problems: told,
              options,
              expression: configExpression,
            }}
          >
            <SchemaFields
              schema={operation.config}
              value={step.config ?? {}}
              onChange={(config) =>
                change({ config: Object.keys(config).length === 0 ? undefined : (config as DraftStep['config']) })
              }
              pointer="/config"
            />
          </FormContext>
        </section>
      )}
      {polled && <ScheduleFields problems={told} />}
      {!isTrigger && (
        <section aria-label="Mapping">
          {hasConfig && <Heading>Input</Heading>}
          <DynamicInput {...input} />
          <MappingForm schema={input.schema} options={options} problems={told} preview={preview} />
        </section>
      )}
      {isTrigger && !hasConfig && !polled && (
        <Text size="sm" c="dimmed">
          There is nothing to set here.
        </Text>
      )}
      {!isTrigger && <AdvancedSection problems={told} />}
      {tried && own.length > 0 && (
        <Alert color="yellow" role="alert">
          {own.every((field) => missing.has(field)) ? 'Something is not filled in yet.' : 'Something is not right yet.'}{' '}
          You can continue all the same: the flow cannot be published until it is.
        </Alert>
      )}
      <StageButtons onContinue={() => void goOn()} onBack={onBack} />
    </Stack>
  );
}

/** Where one reads what can be filled in here, and how. */
function Reading({ component, operation, isTrigger }: ReadingProps): ReactNode {
  return (
    <Group gap="md">
      <NewTabLink
        href={`/components/${encodeURIComponent(component)}#${encodeURIComponent(operationAnchor(operation))}`}
      >
        About {shortName(operation.title)}
      </NewTabLink>
      {!isTrigger && <HelpLink topic="expressions">About expressions</HelpLink>}
    </Group>
  );
}

interface ReadingProps {
  component: string;
  operation: Operation;
  isTrigger: boolean;
}

/** What it reads comes with the run, so there is no sample to try it on. */
function configExpression(props: ExpressionFieldProps): ReactNode {
  return <SingleExpression {...props} previews={false} />;
}

function Heading({ children }: { children: string }): ReactNode {
  return (
    <Title order={3} size="h6" mb="sm">
      {children}
    </Title>
  );
}

/** What becomes of fields that the component computes. */
function DynamicInput({ isDynamic, loading, error, missing, reload }: InputSchema): ReactNode {
  if (!isDynamic) return null;
  if (missing.length > 0) {
    return (
      <Text size="sm" c="dimmed" mb="sm">
        There are more fields once {missing.join(', ')} {missing.length === 1 ? 'is' : 'are'} filled in.
      </Text>
    );
  }
  return (
    <Stack gap="xs" mb="sm">
      <Group gap="xs">
        {loading && <Loader size="xs" aria-label="Loading the fields" />}
        <Text size="sm" c="dimmed">
          {loading ? 'Loading the fields …' : 'The fields depend on credential and configuration.'}
        </Text>
        <Button size="compact-xs" variant="subtle" disabled={loading} onClick={reload}>
          Reload
        </Button>
      </Group>
      <ProblemAlert error={error} onRetry={reload} />
    </Stack>
  );
}
