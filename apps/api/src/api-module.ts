import { Module, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ComponentsController } from './components/components.controller.js';
import { FormsController } from './components/forms.controller.js';
import { CallerAuthenticationController } from './credentials/caller-authentication.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { CredentialsController } from './credentials/credentials.controller.js';
import { SignatureDetectiveController } from './credentials/signature-detective.controller.js';
import { OAuth2Controller } from './oauth2/oauth2.controller.js';
import { ApiTokensController } from './api-tokens/api-tokens.controller.js';
import { DashboardController } from './dashboard/dashboard.controller.js';
import { API_DEPS, type ApiDeps } from './deps.js';
import { DraftsController } from './flows/drafts.controller.js';
import { FlowDocumentsController } from './flows/flow-documents.controller.js';
import { FlowQueueController } from './flows/flow-queue.controller.js';
import { FlowsController } from './flows/flows.controller.js';
import { VersionsController } from './flows/versions.controller.js';
import { SchedulesController } from './flows/schedules.controller.js';
import { IncidentsController } from './incidents/incidents.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { LiveController } from './live/live.controller.js';
import { MappingsController } from './mappings/mappings.controller.js';
import { ParkedController } from './parked/parked.controller.js';
import { RejectionsController } from './rejections/rejections.controller.js';
import { RunActsController } from './runs/run-acts.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { SamplesController } from './samples/samples.controller.js';
import { RoleGuard } from './sessions/role.guard.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { InvitationsController } from './users/invitations.controller.js';
import { UsersController } from './users/users.controller.js';
import { SetupController } from './setup/setup.controller.js';
import { WorkspaceController } from './workspace/workspace.controller.js';

/** Every controller of the control plane. */
export const controllers = [
  SetupController,
  SessionsController,
  ComponentsController,
  OAuth2Controller,
  FormsController,
  CredentialsController,
  CallerAuthenticationController,
  SignatureDetectiveController,
  FlowsController,
  FlowDocumentsController,
  FlowQueueController,
  DraftsController,
  SchedulesController,
  VersionsController,
  SamplesController,
  MappingsController,
  RejectionsController,
  RunsController,
  RunActsController,
  JobsController,
  IncidentsController,
  ParkedController,
  WorkspaceController,
  UsersController,
  InvitationsController,
  ApiTokensController,
  AuditController,
  LedgerController,
  LiveController,
  DashboardController,
];

/** The Nest module of the control plane on the given dependencies. */
export function apiModule(deps: ApiDeps): Type {
  @Module({
    controllers,
    providers: [
      { provide: API_DEPS, useValue: deps },
      { provide: APP_GUARD, useClass: RoleGuard },
    ],
  })
  class ApiModule {}
  return ApiModule;
}
