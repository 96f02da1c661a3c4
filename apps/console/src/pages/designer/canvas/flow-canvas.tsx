import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  Background,
  Controls,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Direction } from '../draft/moves.js';
import { useDraft } from '../draft/use-draft.js';
import type { StepView } from '../steps/step-view.js';
import { useLatest } from '../steps/use-latest.js';
import type { StepActions } from '../steps/use-step-actions.js';
import { CanvasContext, type CanvasContextValue } from './canvas-context.js';
import { createNodes, edgesOf, stepSize, type StepEdgeElement, type StepNodeElement } from './canvas-elements.js';
import classes from './flow-canvas.module.css';
import { layoutSteps, type Place } from './layout.js';
import { isArrow, neighbourOf } from './neighbours.js';
import { StepEdge } from './step-edge.js';
import { StepNode } from './step-node.js';
import { firstView, viewShowing } from './viewport.js';

const nodeTypes = { step: StepNode };
const edgeTypes = { step: StepEdge };
/** With Alt held, the arrow keys move the step itself. */
const directions: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
/** From here on a map in the corner says where one is. */
const mapFrom = 25;

export interface FlowCanvasProps {
  views: readonly StepView[];
  actions: StepActions;
  activeStepId: string;
  onActivate: (stepId: string) => void;
  /** Opens the panel for a step; `byKeyboard` takes the focus there. */
  onOpen: (stepId: string, byKeyboard: boolean) => void;
}

/** The steps as a tree that can be panned, zoomed and walked by keys. Only what is in sight is in the page. */
export function FlowCanvas(props: FlowCanvasProps): ReactNode {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ views, actions, activeStepId, onActivate, onOpen }: FlowCanvasProps): ReactNode {
  const { draft, selectedStepId, select } = useDraft();
  const box = useRef<HTMLDivElement>(null);
  const wantedFocus = useRef<string | null>(null);
  const colorScheme = useComputedColorScheme();
  const places = useMemo(() => layoutSteps(draft, stepSize), [draft]);
  const [nodesOf] = useState(() => createNodes());
  const nodes = useMemo(
    () => nodesOf(views, places, { activeStepId, openStepId: selectedStepId }),
    [nodesOf, views, places, activeStepId, selectedStepId],
  );
  const edges = useMemo(() => edgesOf(draft, views), [draft, views]);
  const reveal = useReveal(box, places);

  const go = (stepId: string): void => {
    wantedFocus.current = stepId;
    onActivate(stepId);
    reveal(stepId);
  };
  const onKeyDown = (event: KeyboardEvent, stepId: string): void => {
    if (event.ctrlKey || event.metaKey) return;
    const moves = event.altKey ? directions[event.key] : undefined;
    if (moves !== undefined) {
      actions.move(stepId, moves);
      go(stepId);
    } else if (event.altKey) return;
    else if (isArrow(event.key)) go(neighbourOf(draft, places, { stepId, arrow: event.key }));
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      const next = neighbourOf(draft, places, { stepId, arrow: 'ArrowUp' });
      actions.remove(stepId);
      go(next);
    } else if (event.key.toLowerCase() === 'a') actions.addAfter(stepId);
    else return;
    event.preventDefault();
  };
  const latest = useLatest({ onActivate, onOpen, select, onKeyDown });

  useEffect(() => {
    if (selectedStepId === null || !box.current) return undefined;
    // At once, and whenever there is more or less room: the panel may come late.
    const observer = new ResizeObserver(() => reveal(selectedStepId));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [selectedStepId, reveal]);

  const context = useMemo<CanvasContextValue>(
    () => ({
      actions,
      wantedFocus,
      activate: (stepId) => latest.current.onActivate(stepId),
      open: (stepId, byKeyboard) => latest.current.onOpen(stepId, byKeyboard),
      openCondition: (stepId) => latest.current.select(stepId, '/condition'),
      onKeyDown: (event, stepId) => latest.current.onKeyDown(event, stepId),
    }),
    [actions, latest],
  );

  return (
    <CanvasContext value={context}>
      <div ref={box} className={classes['canvas']} role="group" aria-label="Steps of the flow">
        <ReactFlow<StepNodeElement, StepEdgeElement>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          colorMode={colorScheme}
          onInit={(flow) => begin(flow, box.current, { places, activeStepId })}
          minZoom={0.05}
          maxZoom={1.5}
          onlyRenderVisibleElements
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          zoomOnDoubleClick={false}
          panOnScroll
        >
          <Background gap={20} />
          <Controls showInteractive={false} aria-label="Zoom" />
          {nodes.length >= mapFrom && <MiniMap pannable zoomable ariaLabel="Map of the flow" />}
        </ReactFlow>
      </div>
    </CanvasContext>
  );
}

/** Pans until a step is in sight. */
function useReveal(box: { current: HTMLElement | null }, places: ReadonlyMap<string, Place>): (stepId: string) => void {
  const flow = useReactFlow();
  const latest = useLatest(places);
  return useCallback(
    (stepId) => {
      // A panel that opens meanwhile leaves less room.
      requestAnimationFrame(() => {
        const place = latest.current.get(stepId);
        if (!place || !box.current) return;
        const { clientWidth: width, clientHeight: height } = box.current;
        const next = viewShowing(place, { view: flow.getViewport(), width, height });
        const calm = globalThis.matchMedia('(prefers-reduced-motion: reduce)').matches;
        if (next) void flow.setViewport(next, { duration: calm ? 0 : 150 });
      });
    },
    [box, flow, latest],
  );
}

function begin(
  flow: ReactFlowInstance<StepNodeElement, StepEdgeElement>,
  box: HTMLElement | null,
  { places, activeStepId }: { places: ReadonlyMap<string, Place>; activeStepId: string },
): void {
  if (!box) return;
  void flow.setViewport(firstView(places, { activeStepId, width: box.clientWidth, height: box.clientHeight }));
}
