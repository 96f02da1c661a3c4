import type { Viewport } from '@xyflow/react';
import { stepSize } from './canvas-elements.js';
import type { Place } from './layout.js';

const margin = 32;
const smallestFirstZoom = 0.6;

/** The first look at a flow: all of it where it is readable so, else the trigger, or the step that is asked for. */
export function firstView(
  places: ReadonlyMap<string, Place>,
  { activeStepId, width, height }: { activeStepId: string; width: number; height: number },
): Viewport {
  const xs = [...places.values()].map(({ x }) => x);
  const ys = [...places.values()].map(({ y }) => y);
  const [left, right] = [Math.min(...xs, 0), Math.max(...xs, 0) + stepSize.width];
  // Below a leaf there is the plus.
  const bottom = Math.max(...ys, 0) + stepSize.height + 48;
  const zoom = Math.min(1, (width - 2 * margin) / (right - left), (height - 2 * margin) / bottom);
  if (zoom >= smallestFirstZoom) return { x: (width - (left + right) * zoom) / 2, y: margin, zoom };
  const place = places.get(activeStepId) ?? { x: 0, y: 0 };
  const shownZoom = 0.85;
  const y = Math.min(margin, height / 2 - (place.y + stepSize.height / 2) * shownZoom);
  return { x: width / 2 - (place.x + stepSize.width / 2) * shownZoom, y, zoom: shownZoom };
}

/** The nearest view in which a step is whole; `undefined` when it is already. */
export function viewShowing(
  place: Place,
  { view, width, height }: { view: Viewport; width: number; height: number },
): Viewport | undefined {
  const zoom = Math.max(view.zoom, 0.4);
  const at = zoom === view.zoom ? view : { x: width / 2 - place.x * zoom, y: height / 2 - place.y * zoom };
  const shiftX = shiftInto(at.x + place.x * zoom, stepSize.width * zoom, width);
  const shiftY = shiftInto(at.y + place.y * zoom, (stepSize.height + 48) * zoom, height);
  if (shiftX === 0 && shiftY === 0 && zoom === view.zoom) return undefined;
  return { x: at.x + shiftX, y: at.y + shiftY, zoom };
}

function shiftInto(start: number, length: number, room: number): number {
  if (start < margin) return margin - start;
  const over = start + length - (room - margin);
  return over > 0 ? -Math.min(over, start - margin) : 0;
}
