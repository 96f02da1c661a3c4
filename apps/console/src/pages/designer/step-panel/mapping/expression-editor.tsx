import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  pickedCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder as placeholderExtension, tooltips } from '@codemirror/view';
import { useEffect, useEffectEvent, useImperativeHandle, useRef, type ReactNode, type Ref } from 'react';
import { useStep } from '../step-context.js';
import { suggestionsAt } from './completions.js';
import { editorTheme } from './editor-theme.js';
import { jsonataLanguage } from './jsonata-language.js';
import type { ExpressionFault } from './preview.js';

export interface ExpressionEditorHandle {
  /** Puts a text where the cursor is. */
  insert: (text: string) => void;
}

export interface ExpressionEditorProps {
  /** Of the field; names the editor. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  fault?: ExpressionFault | undefined;
  placeholder?: string | undefined;
  ref?: Ref<ExpressionEditorHandle>;
}

/** Puts in the name and the brackets of a function, the cursor between them. */
function applyCall(view: EditorView, { label }: Completion, from: number, to: number): void {
  const hasBracket = view.state.sliceDoc(to, to + 1) === '(';
  view.dispatch({
    changes: { from, to, insert: hasBracket ? label : `${label}()` },
    selection: { anchor: from + label.length + 1 },
    annotations: pickedCompletion.of({ label }),
  });
}

/** An editor for one expression: colours, completion from the samples, the fault underlined. Tab leads out of it. */
export function ExpressionEditor(props: ExpressionEditorProps): ReactNode {
  const { label, value, onChange, fault, placeholder = 'Such as $uppercase(petname)', ref } = props;
  const { sources } = useStep();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent((text: string) => onChange(text));
  const complete = useEffectEvent((context: CompletionContext): CompletionResult | null => {
    const found = suggestionsAt(context.state.sliceDoc(0, context.pos), sources, context.explicit);
    if (!found || found.items.length === 0) return null;
    return {
      from: found.from,
      options: found.items.map(({ label: name, apply, detail, kind }) => ({
        label: apply.startsWith('`') ? apply : name,
        apply: kind === 'function' ? applyCall : apply,
        detail,
        type: kind === 'field' ? 'property' : kind,
        boost: kind === 'field' ? 2 : kind === 'variable' ? 1 : 0,
      })),
      validFor: /^[$`]?[\w ]*$/,
    };
  });
  const first = useRef(value);

  useEffect(() => {
    if (!host.current) return undefined;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          history(),
          closeBrackets(),
          bracketMatching(),
          autocompletion({ override: [(context) => complete(context)], icons: false }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          jsonataLanguage,
          placeholderExtension(placeholder),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
          tooltips({ parent: document.body, position: 'fixed' }),
          editorTheme,
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [label, placeholder]);

  // What comes from elsewhere: undo of the draft, a value that was picked.
  useEffect(() => {
    const editor = view.current;
    first.current = value;
    if (!editor || editor.state.doc.toString() === value) return;
    // An empty field is no member of the mapping, spaces included.
    if (value === '' && editor.state.doc.toString().trim() === '') return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { length } = editor.state.doc;
    const from = fault ? Math.min(fault.position, Math.max(0, length - 1)) : 0;
    const diagnostics = fault
      ? [{ from, to: Math.min(length, from + 1), severity: 'error' as const, message: fault.message }]
      : [];
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [fault]);

  useImperativeHandle(ref, () => ({
    insert: (text) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch(editor.state.replaceSelection(text), { scrollIntoView: true });
      editor.focus();
    },
  }));
  return <div ref={host} data-expression-editor={label} />;
}
