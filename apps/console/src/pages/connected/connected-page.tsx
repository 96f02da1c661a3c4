import { Button, Loader, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { asApiProblem } from '../../api/api-problem.js';
import { api, unwrap } from '../../api/client.js';
import { BeforeSignIn } from '../../shell/before-sign-in.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { tellAuthorizationEnd } from '../credentials/dialog/authorization-end.js';

/** Where another system sends a person back to: finishes the authorization and tells the page that waits for it. */
export function ConnectedPage(): ReactNode {
  const { search } = useLocation();
  // Kept here, so that the address can be cleaned at once: the code is worth tokens.
  const [query] = useState(() => new URLSearchParams(search));
  const state = query.get('state') ?? '';
  const { mutate, error, data } = useMutation({
    mutationFn: () => {
      const [code, refused] = [query.get('code'), query.get('error')];
      const answer = { state, ...(code !== null && { code }), ...(refused !== null && { error: refused }) };
      return unwrap(api.GET('/v1/credentials/oauth2/callback', { params: { query: answer } }));
    },
    onSuccess: ({ id }) => {
      tellAuthorizationEnd({ state, credentialId: id });
      globalThis.close();
    },
    onError: (thrown) => {
      const { code, status, detail, requestId, message: title } = asApiProblem(thrown);
      tellAuthorizationEnd({ state, problem: { code, status, detail, requestId, title } });
    },
  });
  const begun = useRef(false);
  useEffect(() => {
    // A state is good once, also where effects run twice.
    if (begun.current) return;
    begun.current = true;
    globalThis.history.replaceState(globalThis.history.state, '', globalThis.location.pathname);
    mutate();
  }, [mutate]);

  if (!error && !data) {
    return (
      <BeforeSignIn title="Connecting …" intro="The credential is checked and stored.">
        <Loader size="sm" aria-label="Connecting" />
      </BeforeSignIn>
    );
  }
  return (
    <BeforeSignIn
      title={data ? 'Connected' : 'Not connected'}
      intro={data ? 'The page that you came from goes on by itself.' : 'Go back to where you came from to try again.'}
    >
      <Stack>
        <ProblemAlert error={error} />
        {data && <Text size="sm">This window is not needed any more.</Text>}
        <Button variant="default" onClick={() => globalThis.close()}>
          Close this window
        </Button>
      </Stack>
    </BeforeSignIn>
  );
}
