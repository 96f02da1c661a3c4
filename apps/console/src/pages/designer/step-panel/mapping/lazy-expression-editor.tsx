import { Skeleton } from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';
import type { ExpressionEditorProps } from './expression-editor.js';

export type { ExpressionEditorHandle, ExpressionEditorProps } from './expression-editor.js';

const Editor = lazy(async () => ({ default: (await import('./expression-editor.js')).ExpressionEditor }));

/** The editor of expressions, which is loaded when the first one is shown. */
export function ExpressionEditor(props: ExpressionEditorProps): ReactNode {
  return (
    <Suspense fallback={<Skeleton height={36} radius="md" />}>
      <Editor {...props} />
    </Suspense>
  );
}
