import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import { message, mistakes, respond } from './answer.ts'
import { bodyText } from './body.ts'
import type { ApiPorts, Operation } from './operation.ts'
import { operations } from './table.ts'

/** Who asks is known by then. */
export interface Asked {
  readonly actor: string
}

const largestBody = 1024 * 1024

interface Env {
  Bindings: Asked
}

/** Finds the operation for a request, reads what it takes, and tells what came of it. `path` is where the API is. */
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

const honoPath = ({ path }: Operation) => path.replace(/\{(\w+)\}/g, ':$1')

async function perform(c: Context<Env>, operation: Operation, ports: ApiPorts): Promise<Response> {
  const problems = new Map<string, string>()
  const params: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(operation.params)) {
    const read = schema.safeParse(c.req.param(name))
    if (read.success) params[name] = read.data
    else note(problems, name, read.error)
  }
  if (problems.size > 0) return message(400, [...problems.values()].join(' '))
  const body = operation.body && (await readBody(c, operation.body))
  if (body instanceof Response) return body
  return respond(await operation.run({ ports, actor: c.env.actor, params, body }))
}

async function readBody(c: Context<Env>, schema: z.ZodObject): Promise<unknown> {
  const text = await bodyText(c.req.raw, largestBody)
  // What is not read of it must not be taken for the next request.
  if (text === undefined) return message(413, `Send at most ${largestBody} bytes.`, { Connection: 'close' })
  const said = readJson(text)
  if (said.kind === 'wrong') return message(400, said.text)
  const read = schema.safeParse(said.value)
  if (read.success) return read.data
  const problems = new Map<string, string>()
  note(problems, '', read.error)
  return mistakes(Object.fromEntries(problems))
}

function note(problems: Map<string, string>, where: string, error: z.ZodError): void {
  for (const { path, message: text } of error.issues)
    problems.set(path.length === 0 ? where : path.map(String).join('.'), text)
}

type Json =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'wrong'; readonly text: string }

function readJson(text: string): Json {
  if (text.trim() === '') return { kind: 'wrong', text: 'The body is empty: send a JSON object.' }
  try {
    return { kind: 'json', value: JSON.parse(text) }
  } catch (cause) {
    return { kind: 'wrong', text: `The body is no JSON: ${(cause as Error).message.slice(0, 200)}` }
  }
}
