import { Button, Drawer } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconWebhook } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useComponentsByName } from '../../api/catalogue.js';
import { EmptyState } from '../../ui/empty-state.js';
import { FlowCanvas } from './canvas/flow-canvas.js';
import { ConditionDialog } from './condition/condition-dialog.js';
import { ConflictDialog } from './conflict/conflict-dialog.js';
import classes from './designer.module.css';
import { useDraft } from './draft/use-draft.js';
import { DesignerHeader } from './header/designer-header.js';
import { StepList } from './list/step-list.js';
import { ScheduleStrip } from './schedule/schedule-strip.js';
import { SettingsDrawer } from './settings/settings-drawer.js';
import { StepPanel } from './step-panel/step-panel.js';
import { stepViews } from './steps/step-view.js';
import { useStepActions } from './steps/use-step-actions.js';
import { useUndoKeys } from './use-undo-keys.js';
import { VersionsDrawer } from './versions/versions-drawer.js';
import { WebhookStrip } from './webhook/webhook-strip.js';

/** Below it there is no room for a panel beside the canvas. */
const sideBySide = '(min-width: 68em)';
/** Below it the steps are a list. */
const roomForCanvas = '(min-width: 48em)';

/** The open flow: head, steps and the panel of one step. */
export function Designer(): ReactNode {
  const open = useDraft();
  const { draft, problems, samples, selectedStepId, selectedField, select } = open;
  const components = useComponentsByName();
  const actions = useStepActions();
  const [versionsOpened, versions] = useDisclosure(false);
  const [settingsOpened, settings] = useDisclosure(false);
  const isWide = useMediaQuery(sideBySide, true, { getInitialValueInEffect: false });
  const hasCanvas = useMediaQuery(roomForCanvas, true, { getInitialValueInEffect: false });
  const views = useMemo(
    () => stepViews(draft, { components, problems, samples }),
    [draft, components, problems, samples],
  );
  const panel = useRef<HTMLElement>(null);
  const [active, setActive] = useState({ stepId: selectedStepId, opened: selectedStepId });
  // Whatever is opened, from the address for instance, is where the arrow keys go on from.
  if (active.opened !== selectedStepId) {
    setActive({ stepId: selectedStepId ?? active.stepId, opened: selectedStepId });
  }
  useUndoKeys();
  useBeginning();

  const isStep = (stepId: string | null): stepId is string =>
    stepId !== null && draft.steps.some(({ id }) => id === stepId);
  const shownStepId = isStep(selectedStepId) ? selectedStepId : null;
  const forCondition = shownStepId !== null && (selectedField === '/condition' || selectedField === '/default');
  const panelStepId = forCondition ? null : shownStepId;
  const activeStepId = isStep(active.stepId) ? active.stepId : (draft.steps[0]?.id ?? '');

  const close = (): void => {
    select(null);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-step="${activeStepId}"]`)?.focus());
  };
  const openStep = (stepId: string, byKeyboard: boolean): void => {
    select(stepId);
    if (byKeyboard) requestAnimationFrame(() => panel.current?.focus());
  };
  const step = panelStepId !== null && <StepPanel key={panelStepId} stepId={panelStepId} onClose={close} />;

  return (
    <div className={classes['designer']} data-canvas={hasCanvas || undefined}>
      <DesignerHeader components={components} onVersions={versions.open} onSettings={settings.open} />
      <WebhookStrip />
      <ScheduleStrip />
      <div className={classes['body']}>
        <div className={classes['steps']}>
          {draft.steps.length === 0 ? (
            <NoSteps onChoose={actions.addTrigger} />
          ) : hasCanvas ? (
            <FlowCanvas
              views={views}
              actions={actions}
              activeStepId={activeStepId}
              onActivate={(stepId) => setActive((before) => ({ ...before, stepId }))}
              onOpen={openStep}
            />
          ) : (
            <StepList views={views} actions={actions} />
          )}
        </div>
        {isWide && step !== false && (
          <aside ref={panel} className={classes['panel']} tabIndex={-1} aria-label="Step">
            {step}
          </aside>
        )}
      </div>
      {!isWide && (
        <Drawer
          opened={step !== false}
          onClose={close}
          position="right"
          size={hasCanvas ? 460 : '100%'}
          withCloseButton={false}
          padding="md"
          attributes={{ content: { 'aria-label': 'Step' } }}
        >
          {step}
        </Drawer>
      )}
      {forCondition && <ConditionDialog stepId={shownStepId} onClose={close} />}
      <VersionsDrawer opened={versionsOpened} onClose={versions.close} components={components} />
      <SettingsDrawer opened={settingsOpened} onClose={settings.close} />
      <ConflictDialog components={components} />
    </div>
  );
}

/** A flow without a step begins with its trigger, and one whose trigger is not chosen yet goes on there. */
function useBeginning(): void {
  const { draft, select, selectedStepId, canUndo, canRedo } = useDraft();
  const { addTrigger } = useStepActions();
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    if (selectedStepId !== null || canUndo || canRedo) return;
    const [first] = draft.steps;
    if (!first) addTrigger();
    else if (!first.component) select(first.id);
  }, [draft, select, selectedStepId, canUndo, canRedo, addTrigger]);
}

function NoSteps({ onChoose }: { onChoose: () => void }): ReactNode {
  return (
    <EmptyState
      title="No steps yet"
      icon={<IconWebhook size={28} />}
      action={<Button onClick={onChoose}>Choose the trigger</Button>}
    >
      The first step is the trigger: what sets the flow off. The steps after it are what the flow does then.
    </EmptyState>
  );
}
