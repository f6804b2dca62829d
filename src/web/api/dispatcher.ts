import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { message, mistakes, respond } from './answer.ts'
import { bodyText } from './body.ts'
import type { ApiPorts, Asked, Operation } from './operation.ts'
import { operations } from './table.ts'
import { isWithin } from './within.ts'

const largestBody = 1024 * 1024

interface Env {
  Bindings: Asked
}

/** Finds the operation for a request, reads what it takes, and tells what came of it. `path` is WEB_API. */
export function createDispatcher(ports: ApiPorts, path: string) {
  const routes = new Hono<Env>().basePath(path)
  for (const operation of operations)
    routes.on(operation.method.toUpperCase(), honoPath(operation), (c) => perform(c, operation, ports))
  for (const operation of operations) {
    const allowed = operations.filter((each) => each.path === operation.path).map(({ method }) => method)
    const Allow = allowed.join(', ').toUpperCase()
    routes.all(honoPath(operation), () => message(405, `Only ${Allow} can be done here.`, { Allow }))
  }
  routes.notFound(() => message(404, 'The API has no such path.'))
  routes.onError((cause) => {
    throw cause
  })
  return (request: Request, asked: Asked) => routes.fetch(request, asked)
}

const honoPath = ({ path, beside }: Operation) => `${beside ? '' : '/v1'}${path.replace(/\{(\w+)\}/g, ':$1')}`

async function perform(c: Context<Env>, operation: Operation, ports: ApiPorts): Promise<Response> {
  const { actor, person, scopes, domain } = c.env
  if (!mayPerform(operation, scopes))
    return message(403, `This key is not for that: ${scopeOf(operation)} is missing.`)
  const params = readTexts(operation.params, (name) => c.req.param(name))
  if (params.kind === 'wrong') return message(400, params.text)
  const query = readTexts(operation.query, (name) => c.req.query(name))
  if (query.kind === 'wrong') return message(400, query.text)
  const body = operation.body && (await readBody(c, operation.body))
  if (body instanceof Response) return body
  if (domain !== undefined && !(await isWithin(domain, operation, ports, { ...params.values, body })))
    return message(403, `This key is for ${domain} alone.`)
  return respond(
    await operation.run({ ports, actor, person, scopes, params: params.values, query: query.values, body }),
  )
}

const scopeOf = ({ area, method }: Operation) => `${area}:${method === 'get' ? 'read' : 'write'}`

function mayPerform({ area, method, by }: Operation, scopes: Asked['scopes']): boolean {
  if (by === 'person' || scopes === 'everything') return true
  return scopes.some((scope) => {
    const [where, what] = scope.split(':')
    return (where === 'all' || where === area) && (what === 'write' || method === 'get')
  })
}

type Texts =
  | { readonly kind: 'texts'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'wrong'; readonly text: string }

function readTexts(schemas: Operation['params'], sent: (name: string) => string | undefined): Texts {
  const read = z
    .object(schemas)
    .safeParse(Object.fromEntries(Object.keys(schemas).map((name) => [name, sent(name)])))
  if (read.success) return { kind: 'texts', values: read.data }
  return { kind: 'wrong', text: read.error.issues.map(({ message: text }) => text).join(' ') }
}

async function readBody(c: Context<Env>, schema: z.ZodType): Promise<unknown> {
  const text = await bodyText(c.req.raw, largestBody)
  // What is not read of it must not be taken for the next request.
  if (text === undefined) return message(413, `Send at most ${largestBody} bytes.`, { Connection: 'close' })
  // What nobody has to say may be left out altogether.
  const said = text.trim() === '' && schema.safeParse(undefined).success ? nothing : readJson(text)
  if (said.kind === 'wrong') return message(400, said.text)
  const read = schema.safeParse(said.value)
  if (read.success) return read.data
  return mistakes(
    Object.fromEntries(read.error.issues.map((issue) => [issue.path.map(String).join('.'), issue.message])),
  )
}

type Json =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'wrong'; readonly text: string }

const nothing: Json = { kind: 'json', value: undefined }

function readJson(text: string): Json {
  if (text.trim() === '') return { kind: 'wrong', text: 'The body is empty: send a JSON object.' }
  try {
    return { kind: 'json', value: JSON.parse(text) }
  } catch (cause) {
    return { kind: 'wrong', text: `The body is no JSON: ${(cause as Error).message.slice(0, 200)}` }
  }
}
