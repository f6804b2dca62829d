import { z } from 'zod'
import type { Operation } from './operation.ts'
import { operations } from './table.ts'

type Json = Readonly<Record<string, unknown>>

/** OpenAPI 3.1 of the table, from the schemas that check what is sent. `path` is WEB_API. */
export function apiDocument(path: string): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    const where = pathOf(operation)
    paths[where] = { ...paths[where], [operation.method]: described(operation) }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Homepost', version: '1.0', description: 'Mailu’s API, and what it lacks.' },
    servers: [{ url: path }],
    security: [{ Bearer: [] }],
    tags: [...new Set(operations.map(({ area }) => area))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        Bearer: { type: 'http', scheme: 'bearer', description: 'API_TOKEN, or a key of the API' },
        Authentication: {
          type: 'apiKey',
          in: 'header',
          name: 'Authentication',
          description: 'ann@example.org:APP-PASSWORD',
        },
      },
      schemas: { Message: schemaOf(z.object({ code: z.int(), message: z.string() }), 'output') },
    },
  }
}

/** Below WEB_API. */
export const pathOf = ({ beside, path }: Operation) => `${beside ? '' : '/v1'}${path}`

/** Draft 2020-12, as OpenAPI 3.1 has it. Of what is sent, or of what is answered. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

const refusals = {
  400: 'What is wrong with the request',
  401: 'No token',
  403: 'A wrong token, or no right to this',
  404: 'It is not there',
  409: 'It is there already, or above a limit',
  429: 'Too many wrong tokens',
  503: 'Not at the moment',
}

const message = { 'application/json': { schema: { $ref: '#/components/schemas/Message' } } }

function described({
  method,
  path,
  area,
  summary,
  by,
  beside,
  params,
  query,
  body,
  answers,
}: Operation): Json {
  const parameters = [
    ...Object.entries(params).map(([name, schema]) => ({
      name,
      in: 'path',
      required: true,
      schema: schemaOf(schema, 'input'),
    })),
    ...Object.entries(query).map(([name, schema]) => ({
      name,
      in: 'query',
      schema: schemaOf(schema, 'input'),
    })),
  ]
  const content = answers ? { 'application/json': { schema: schemaOf(answers, 'output') } } : message
  const failures = Object.entries(refusals).map(([code, description]) => [
    code,
    { description, content: message },
  ])
  return {
    operationId: `${method}${path.replace(/[^a-z]+/gi, '_').replace(/_$/, '')}`,
    summary,
    tags: [area],
    ...(by === 'person' && { security: [{ Authentication: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: { [beside ? 201 : 200]: { description: 'Done', content }, ...Object.fromEntries(failures) },
  }
}
