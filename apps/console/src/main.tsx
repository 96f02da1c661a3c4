import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './shell/global.css';
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { config } from 'zod/v4/core';
import { createQueryClient } from './api/query-client.js';
import { askForSession } from './api/session.js';
import { createRouter } from './routes.js';
import { closeMenusByEscape } from './shell/menus.js';
import { theme, variables } from './shell/theme.js';

// Drafts are checked by zod. It would try to compile its schemas as they are made, which the policy of the pages forbids.
config({ jitless: true });

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element #root');

const client = createQueryClient();
askForSession(client);

closeMenusByEscape();

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <ModalsProvider>
          <Notifications position="bottom-right" />
          <RouterProvider router={createRouter()} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
