import type { ReactNode } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { Administrators } from './shell/administrators.js';
import { Frame } from './shell/frame.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { PageFault } from './shell/page-fault.js';
import { SignedIn } from './shell/signed-in.js';
import { LoadingPage } from './ui/loading.js';

/** Loads a page's own chunk when its address is opened. */
type LoadPage = () => Promise<() => ReactNode>;

function page(path: string, load: LoadPage): RouteObject {
  return { path, lazy: async () => ({ Component: await loadOrFault(load) }), errorElement: <PageFault /> };
}

/** What fails to load becomes a page that throws: the router shows nothing at all when `lazy` itself rejects. */
async function loadOrFault(load: LoadPage): Promise<() => ReactNode> {
  try {
    return await load();
  } catch (error) {
    return function MissingPage(): ReactNode {
      throw error;
    };
  }
}

/** Every address of the console. Each page is a chunk of its own. */
const pages: RouteObject[] = [
  page('/', async () => (await import('./pages/dashboard/dashboard-page.js')).DashboardPage),
  page('/flows', async () => (await import('./pages/flows/flows-page.js')).FlowsPage),
  page('/flows/:flowId', async () => (await import('./pages/designer/designer-page.js')).DesignerPage),
  page('/runs', async () => (await import('./pages/runs/runs-page.js')).RunsPage),
  page('/runs/:runId', async () => (await import('./pages/run/run-page.js')).RunPage),
  page('/incidents', async () => (await import('./pages/incidents/incidents-page.js')).IncidentsPage),
  page('/rejections', async () => (await import('./pages/rejections/rejections-page.js')).RejectionsPage),
  page('/parked', async () => (await import('./pages/parked/parked-page.js')).ParkedPage),
  page('/credentials', async () => (await import('./pages/credentials/credentials-page.js')).CredentialsPage),
  page('/components', async () => (await import('./pages/components/components-page.js')).ComponentsPage),
  page('/components/:name', async () => (await import('./pages/components/component-page.js')).ComponentPage),
  page('/help', async () => (await import('./pages/help/help-page.js')).HelpPage),
  page('/tutorial', async () => (await import('./pages/tutorial/tutorial-page.js')).TutorialPage),
  page('/account', async () => (await import('./pages/account/account-page.js')).AccountPage),
  {
    element: <Administrators />,
    children: [
      page('/api-tokens', async () => (await import('./pages/api-tokens/api-tokens-page.js')).ApiTokensPage),
      page('/users', async () => (await import('./pages/users/users-page.js')).UsersPage),
      page('/workspace', async () => (await import('./pages/workspace/workspace-page.js')).WorkspacePage),
      page('/audit', async () => (await import('./pages/audit/audit-page.js')).AuditPage),
    ],
  },
  { path: '*', element: <NotFoundPage /> },
];

export function createRouter(): ReturnType<typeof createBrowserRouter> {
  return createBrowserRouter([
    {
      ...page('/sign-in', async () => (await import('./pages/sign-in/sign-in-page.js')).SignInPage),
      hydrateFallbackElement: <LoadingPage />,
    },
    {
      ...page('/invitation', async () => (await import('./pages/invitation/invitation-page.js')).InvitationPage),
      hydrateFallbackElement: <LoadingPage />,
    },
    {
      ...page('/setup', async () => (await import('./pages/setup/setup-page.js')).SetupPage),
      hydrateFallbackElement: <LoadingPage />,
    },
    {
      element: <SignedIn />,
      errorElement: <PageFault />,
      hydrateFallbackElement: <LoadingPage />,
      children: [
        { element: <Frame />, children: pages },
        // In a window of its own, where there is nowhere else to go.
        page('/connected', async () => (await import('./pages/connected/connected-page.js')).ConnectedPage),
      ],
    },
  ]);
}
