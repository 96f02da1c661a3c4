import { Container } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { useSession, useSessionEnded } from '../api/session.js';
import { LoadingPage } from '../ui/loading.js';
import { ProblemAlert } from '../ui/problem-alert.js';
import { SignInAgain } from './sign-in-again.js';
import { signInPath } from './sign-in-path.js';

/**
 * Lets only those on who are signed in; others are sent to the sign-in page, which leads back here. When a session ends
 * while a page is open, the page stays as it is and a dialog asks for the password: nothing typed is lost.
 */
export function SignedIn(): ReactNode {
  const session = useSession();
  const ended = useSessionEnded();
  const location = useLocation();
  useEscapeHeld(ended);
  if (session.data) {
    return (
      <>
        <Outlet />
        {ended && <SignInAgain email={session.data.user.email} />}
      </>
    );
  }
  if (session.data === null) return <Navigate to={signInPath(location)} replace />;
  return (
    <Container component="main" size="sm" py="xl">
      {session.isError ? (
        <>
          <h1>Millrace</h1>
          <ProblemAlert error={session.error} onRetry={() => session.refetch()} />
        </>
      ) : (
        <LoadingPage />
      )}
    </Container>
  );
}

/** Keeps Escape from the dialogs below the one that asks for the password: they would close, with what was typed in them. */
function useEscapeHeld(held: boolean): void {
  const isHeld = useRef(held);
  useEffect(() => {
    isHeld.current = held;
  }, [held]);
  // Before any effect of a dialog, so that this hears of the key first.
  useLayoutEffect(() => {
    const hold = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && isHeld.current) event.stopImmediatePropagation();
    };
    globalThis.addEventListener('keydown', hold, { capture: true });
    return () => globalThis.removeEventListener('keydown', hold, { capture: true });
  }, []);
}
