import { Body, Controller, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@millrace/contracts';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { maxPreviewBytes, maxPreviewsAtOnce, previewMapping } from './preview-mapping.js';
import { mappingPreview, previewBody, type MappingPreview, type PreviewMapping } from './schemas.js';

@ApiTags('Mappings')
@Controller('v1/mappings')
export class MappingsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('preview')
  @Requires('member')
  @ApiOperation({
    summary: 'Evaluate a mapping on an example',
    description:
      'By the same code, under the same limits, as in a run. Nothing is kept. An expression that fails on this context ' +
      'is told in `errors`; one that is none at all, in the problems of a 422, with its JSON pointer.',
  })
  @Answers(200, 'The value, or why there is none', mappingPreview)
  @Refuses('validation_failed', 'mapping_invalid', 'preview_too_large', 'too_many_requests', 'unavailable')
  async previewMapping(
    @CurrentCaller() caller: Caller,
    @Body({ schema: previewBody }) body: PreviewMapping,
  ): Promise<MappingPreview> {
    const preview = await previewMapping(this.deps, caller.workspaceId, body);
    switch (preview.outcome) {
      case 'mapped':
        return preview.value === undefined ? { errors: [] } : { value: preview.value, errors: [] };
      case 'failed':
        return { errors: preview.errors };
      case 'invalid':
        throw problem('mapping_invalid', {
          extra: {
            problems: preview.problems.map(({ pointer, position, message }) => ({
              pointer: `/mapping${pointer}`,
              code: 'invalid_expression',
              message: `At character ${position + 1}: ${message}`,
              position,
            })),
          },
        });
      case 'tooLarge':
        throw problem('preview_too_large', {
          detail: `They take ${preview.sizeBytes} bytes as JSON, and ${maxPreviewBytes} are possible: send a smaller example.`,
        });
      case 'tooMany':
        throw problem('too_many_requests', {
          detail: `${maxPreviewsAtOnce} previews of this workspace are being evaluated: wait for one of them.`,
          headers: { 'retry-after': '1' },
        });
      case 'unavailable':
        throw problem('unavailable', {
          detail: 'No process can be started to evaluate the mapping. Try again.',
          headers: { 'retry-after': '5' },
        });
      default:
        return assertNever(preview);
    }
  }
}
