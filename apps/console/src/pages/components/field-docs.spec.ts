import { expect, it } from 'vitest';
import { shapesOf } from './field-docs.js';

it('lists fields with what inside of them is, what has to be given and how much fits', () => {
  const [shape] = shapesOf({
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 1_000, description: 'Name of the pet', placeholder: 'Gromit' },
      tags: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } } },
      status: { enum: ['available', 'sold'], default: 'available', optionsFrom: 'statuses' },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
    },
    required: ['name'],
  });
  expect(shape?.fields.map(({ path, type, required, limits }) => ({ path, type, required, limits }))).toEqual([
    { path: 'name', type: 'text', required: true, limits: ['not empty', 'at most 1,000 characters'] },
    { path: 'tags', type: 'list of object', required: false, limits: [] },
    { path: 'tags[].id', type: 'whole number', required: false, limits: ['at least 1'] },
    {
      path: 'status',
      type: 'fixed value',
      required: false,
      limits: ['one of available, sold', 'values are offered by the component'],
    },
    { path: 'headers', type: 'object', required: false, limits: [] },
    { path: 'headers.*', type: 'text', required: false, limits: [] },
  ]);
  expect(shape?.fields[0]).toMatchObject({ examples: ['Gromit'], description: 'Name of the pet' });
  expect(shape?.fields[3]?.defaultValue).toBe('"available"');
});

it('tells shapes apart by the fixed value of their type', () => {
  const shapes = shapesOf({
    oneOf: [
      { type: 'object', properties: { type: { const: 'none', description: 'No authentication' } } },
      {
        type: 'object',
        properties: { type: { const: 'basic' }, password: { type: 'string', writeOnly: true } },
        required: ['type', 'password'],
      },
    ],
  });
  expect(shapes.map(({ title }) => title)).toEqual(['none', 'basic']);
  expect(shapes[0]).toMatchObject({ description: 'No authentication', fields: [] });
  expect(shapes[1]?.fields).toMatchObject([{ path: 'password', secret: true, required: true }]);
});

it('ends with schemas that contain themselves, and takes what is none for nothing', () => {
  const circle = { type: 'object', properties: { child: { $ref: '#' } } };
  expect(shapesOf(circle)[0]?.fields.length).toBeLessThan(20);
  expect(shapesOf('nonsense')).toEqual([]);
  expect(shapesOf({ type: 'string' })[0]?.fields).toEqual([]);
});
