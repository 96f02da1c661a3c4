import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Requires } from './roles.js';

const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>Millrace</title>
</head>
<body>
  <h1>Millrace</h1>
  <p>Integration flows that webhooks set off. This is the control plane.</p>
  <ul>
    <li><a href="/v1/docs">API documentation</a></li>
    <li><a href="/v1/openapi.json">OpenAPI document</a></li>
    <li><a href="/health/ready">Health</a></li>
  </ul>
</body>
</html>
`;

@ApiExcludeController()
@Controller()
export class LandingController {
  @Get()
  @Requires('public')
  @Header('content-type', 'text/html; charset=utf-8')
  readLanding(): string {
    return page;
  }
}
