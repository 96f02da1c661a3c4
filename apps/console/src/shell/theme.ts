import { createTheme, Drawer, Menu, Modal, type CSSVariablesResolver, type MantineThemeOverride } from '@mantine/core';
import { focusMenu } from './menus.js';

/** The cross in a corner has no text. */
const closable = { closeButtonProps: { 'aria-label': 'Close' } };

/** One accent, dark enough for white text on it in both colour schemes. */
export const theme: MantineThemeOverride = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '650' },
  components: {
    Modal: Modal.extend({ defaultProps: closable }),
    Drawer: Drawer.extend({ defaultProps: closable }),
    // The placeholder has a role that a menu may not hold.
    Menu: Menu.extend({
      defaultProps: {
        withInitialFocusPlaceholder: false,
        onOpen: focusMenu,
        // A menu that is left at once would get its focus while it fades away, and take it along.
        transitionProps: { duration: 0 },
      },
    }),
  },
});

/** Colours of text that pass AA on every ground that the console has. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#545d66',
    '--mantine-color-placeholder': '#6b747d',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-anchor': 'var(--mantine-color-cyan-9)',
    '--mantine-color-cyan-light': '#e1f2f5',
    '--mantine-color-cyan-light-hover': '#d3ebef',
    '--mantine-color-cyan-light-color': '#0a5a6b',
    '--mantine-color-red-light-color': '#a51111',
    '--mantine-color-yellow-light-color': '#6b4500',
    '--mantine-color-green-light-color': '#1b662b',
    '--millrace-color-ground': '#f6f8f9',
  },
  dark: {
    '--mantine-color-dimmed': '#b4bac1',
    '--mantine-color-placeholder': '#9aa2aa',
    '--mantine-color-error': '#ffa8a8',
    '--mantine-color-anchor': 'var(--mantine-color-cyan-3)',
    '--mantine-color-cyan-light-color': 'var(--mantine-color-cyan-2)',
    '--mantine-color-red-light-color': '#ffc9c9',
    '--millrace-color-ground': 'var(--mantine-color-dark-8)',
  },
});
