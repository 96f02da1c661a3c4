import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Flow } from '../../api/schema.generated.js';
import { CopyButton } from '../../ui/copy-button.js';
import classes from './tutorial.module.css';
import { exampleBody } from './tutorial-steps.js';

/** What to do in a step, in the words of the pages where it is done. */
export function TutorialHelp({ id, flow }: { id: string; flow: Flow | undefined }): ReactNode {
  switch (id) {
    case 'flow':
      return (
        <>
          Open the flows and click <b>Add new flow</b>. The designer opens, where a flow is put together of steps.
        </>
      );
    case 'webhook':
      return (
        <>
          A flow begins with its trigger. Type <b>webhook</b> into <b>Find a component</b> and click{' '}
          <b>Choose Webhook</b>. Then click <b>Create new credential</b>, choose <b>No Auth</b> as its <b>Type</b> and
          click <b>Save</b>: for now everyone may call.
        </>
      );
    case 'sample':
      return (
        <Stack gap="xs">
          <span>
            A sample shows the next steps what comes in. Click <b>Add sample manually</b>, paste this and click{' '}
            <b>Save</b>; then <b>Finish step</b>.
          </span>
          <Snippet text={JSON.stringify(exampleBody, null, 2)} label="Copy the sample" />
        </Stack>
      );
    case 'petstore':
      return (
        <>
          Type <b>petstore</b> into <b>Find a component</b>, choose <b>Petstore API</b> and{' '}
          <b>Create a pet with promise</b>. Click <b>Create new credential</b>, enter <b>secret</b> as the API key and
          click <b>Save</b>. The key is tried out at the Petstore, which takes 30 seconds at most.
        </>
      );
    case 'mapping':
      return (
        <>
          Say where the fields of the pet come from: open the picker beside <b>Name</b> and choose <b>petname</b>;
          beside <b>Status</b> choose <b>petstatus</b>. Then click <b>Continue</b>.
        </>
      );
    case 'retrieve':
      return (
        <>
          Click <b>Retrieve sample</b> to see what the Petstore answers, then <b>Continue</b> and <b>Finish step</b>.
        </>
      );
    case 'publish':
      return (
        <>
          Click <b>Publish draft</b>. What is published becomes a version that never changes; only versions can be
          started.
        </>
      );
    case 'start':
      return (
        <>
          Click <b>Start</b>. From now on the flow takes every call of its webhook URL.
        </>
      );
    case 'requests':
      return (
        <Stack gap="xs">
          <span>Paste this into a terminal three times, or send the same with Postman. Each call becomes a run.</span>
          {flow?.webhookUrl && <Snippet text={curlText(flow.webhookUrl)} label="Copy the curl command" />}
        </Stack>
      );
    default:
      return (
        <Stack gap="xs">
          <span>
            In the first step choose another credential: <b>Create new credential</b>, <b>Type</b> <b>Basic Auth</b>,
            with a user name and a password. <b>Publish draft</b>. A call without them is now answered 401, and you find
            it under “Rejections”; this one, with your own user name and password in it, runs:
          </span>
          {flow?.webhookUrl && (
            <Snippet text={curlText(flow.webhookUrl, " -u 'USERNAME:PASSWORD'")} label="Copy the curl command" />
          )}
        </Stack>
      );
  }
}

function Snippet({ text, label }: { text: string; label: string }): ReactNode {
  return (
    <div className={classes['code']}>
      <pre>{text}</pre>
      <CopyButton value={text} label={label} />
    </div>
  );
}

function curlText(url: string, options = ''): string {
  const body = JSON.stringify(exampleBody);
  return `curl -X POST '${url}'${options} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}
