import { Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useRef, type ReactNode } from 'react';
import type { Component } from '../../../api/schema.generated.js';
import { ComponentStage } from './component-stage.js';
import { CredentialStage } from './credential-stage.js';
import { FieldsStage } from './fields-stage.js';
import { OperationStage } from './operation-stage.js';
import { SampleStage } from './sample/sample-stage.js';
import { useStep } from './step-context.js';
import classes from './step-panel.module.css';
import { isSettled, stageOfField, stagesOf, type Stage } from './stages.js';
import { stageTitle, stageWords } from './stage-words.js';
import { SummaryStage } from './summary-stage.js';
import { useStages, type StageWalk } from './use-stages.js';

/** The stages of a step, one of them open; every one that can be reached opens by its heading. */
export function StepStages({ components }: { components: readonly Component[] }): ReactNode {
  const open = useStep();
  const frame = useRef<HTMLOListElement>(null);
  const walk = useStages(frame);
  const { stage, go } = walk;
  const stages = stagesOf(open);
  const problemFields = [...open.problems.keys()];
  const openAt = stages.indexOf(stage);

  return (
    <ol className={classes['stages']} ref={frame}>
      {stages.map((each, at) => {
        const isOpen = each === stage;
        const own = problemFields.filter((field) => stageOfField(field) === each);
        // What lies ahead is not wrong for being empty.
        const faulty = own.some((field) => at < openAt || !open.missing.has(field));
        const reachable = stages.slice(0, at).every((before) => isSettled(before, open, []));
        const settled = reachable && isSettled(each, open, problemFields) && !(each === 'sample' && !open.sample);
        const state = isOpen ? 'open' : faulty ? 'faulty' : settled && each !== 'summary' ? 'settled' : 'ahead';
        return (
          <li key={each} className={classes['stage']}>
            <UnstyledButton
              className={classes['head'] ?? ''}
              aria-expanded={isOpen}
              disabled={!reachable}
              data-stage={each}
              onClick={() => go(each)}
            >
              <span className={classes['mark']} data-state={state} aria-hidden="true">
                {state === 'settled' ? (
                  <IconCheck size={16} />
                ) : state === 'faulty' ? (
                  <IconAlertTriangle size={15} />
                ) : (
                  at + 1
                )}
              </span>
              <span className={classes['words']}>
                <Text fw={600} size="sm" component="span" display="block">
                  {stageTitle(each, open)}
                </Text>
                {!isOpen && (
                  <Text size="xs" c="dimmed" component="span" display="block" truncate>
                    {faulty ? 'Something is missing' : stageWords(each, open)}
                  </Text>
                )}
              </span>
            </UnstyledButton>
            {isOpen && (
              <div className={classes['body']}>
                <StageContent stage={each} walk={walk} components={components} />
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface StageContentProps {
  stage: Stage;
  walk: StageWalk;
  components: readonly Component[];
}

function StageContent({ stage, walk: { go, next, back }, components }: StageContentProps): ReactNode {
  switch (stage) {
    case 'component':
      return <ComponentStage components={components} onDone={next} />;
    case 'operation':
      return <OperationStage onDone={next} onBack={back} />;
    case 'credential':
      return <CredentialStage onDone={next} onBack={back} />;
    case 'fields':
      return <FieldsStage onDone={next} onBack={back} />;
    case 'sample':
      return <SampleStage onDone={next} onBack={back} />;
    case 'summary':
      return <SummaryStage components={components} onOpen={go} onBack={back} />;
  }
}
