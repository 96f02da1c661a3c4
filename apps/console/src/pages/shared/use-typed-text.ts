import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';

const typingMs = 150;

/**
 * The text of a field that is typed into, told after a moment of rest. When the value is changed by something else than
 * this field, by Back for instance, the field follows.
 */
export function useTypedText(value: string, onRest: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const [told, setTold] = useState(value);
  const tell = useDebouncedCallback((typed: string) => {
    setTold(typed);
    onRest(typed);
  }, typingMs);
  if (value !== seen) {
    setSeen(value);
    if (value !== told.trim()) {
      setText(value);
      setTold(value);
    }
  }
  return [
    text,
    (typed) => {
      setText(typed);
      tell(typed);
    },
  ];
}
