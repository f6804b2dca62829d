import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { ApiAccess } from '../../ports/api-access.ts'
import type { CredentialVerifier } from '../../ports/credentials.ts'
import type { Log } from '../../ports/runtime.ts'
import { type Env, fieldsOf, ownForms, sizedForms } from '../site/visit.ts'
import { away, message, tooMany } from './answer.ts'
import type { ApiPorts, Asked } from './operation.ts'
import { personAsking } from './person.ts'

export interface ApiParts extends ApiPorts {
  readonly access: ApiAccess
  readonly credentials: CredentialVerifier
  readonly log: Log
  /** Makes pages of what is for people. */
  readonly visiting: MiddlewareHandler<Env>
}

const largestForm = 1024 * 1024

/** Mailu's REST API. `path` is WEB_API. What reads and answers is loaded when somebody may use it: an idle server stays small. */
export function apiRoutes(
  { access, credentials, log, visiting, ...ports }: ApiParts,
  path: string,
): Hono<Env> {
  const routes = new Hono<Env>()
  const load = async () => (await import('./dispatcher.ts')).createDispatcher(ports, path)
  let dispatch: ReturnType<typeof load> | undefined
  const perform = async (c: Context<Env>, asked: Asked) => {
    dispatch ??= load()
    return (await dispatch)(c.req.raw, asked)
  }

  const asPerson = async (c: Context<Env>) => {
    const parts = { access, credentials, admin: ports.admin }
    const person = await personAsking(c.req.header('authentication'), parts, whence(c))
    return person instanceof Response ? person : perform(c, { actor: person.address, person, scopes: [] })
  }
  routes.get('/', (c) => c.redirect(`${path}/v1/`))
  routes.get('/v1', (c) => c.redirect(`${path}/v1/`))
  // Mailu's name for it is the other one.
  for (const name of ['openapi.json', 'swagger.json'])
    routes.get(`/v1/${name}`, async (c) => c.json((await import('./document.ts')).apiDocument(path)))
  routes.get('/v1/', visiting, async (c) =>
    c.html((await import('./page.ts')).apiPage(c.var.frame, path, undefined)),
  )
  // Anybody may send this one, and all of it is held while it is read.
  const sized = bodyLimit({ maxSize: largestForm })
  routes.post('/v1/', visiting, ownForms, sizedForms, sized, async (c) => {
    const { apiPage, requestOf } = await import('./page.ts')
    const request = requestOf(await fieldsOf(c), new URL(path, c.req.url).href)
    if (!request) return c.redirect(`${path}/v1/`, 303)
    const asked = `${request.method} ${request.url}`
    const answer = await itself.fetch(request, c.env)
    const tried = { request: asked, status: answer.status, answer: await answer.text() }
    return c.html(apiPage(c.var.frame, path, tried))
  })

  for (const own of ['/alias/random/new', '/v1/alias/me', '/v1/alias/me/*']) routes.all(own, asPerson)

  routes.all('/v1/*', async (c) => {
    const sent = c.req.header('authorization')
    if (!sent)
      return message(401, 'A valid Authorization header is mandatory', { 'WWW-Authenticate': 'Bearer' })
    // As in Mailu, the token may stand there alone.
    const verdict = await access.verify({ token: sent.replace(/^bearer +/i, ''), ...whence(c) })
    switch (verdict.kind) {
      case 'throttled':
        return tooMany(verdict.retryAfterSeconds)
      case 'later':
        return away(verdict.text)
      case 'refused':
        return message(403, 'Invalid API token')
      case 'accepted':
        return perform(c, { ...verdict, person: undefined })
    }
  })
  routes.all('/*', () => message(404, 'The API has no such path.'))

  routes.onError((cause, c) => {
    if (cause instanceof HTTPException) return cause.getResponse()
    const { connectionId } = c.env.client
    if (!c.req.raw.signal.aborted) log.error('api.failed', cause, { connection: connectionId })
    return away(`This does not work at the moment; the log has why: ${connectionId}.`)
  })
  const itself = new Hono<Env>().route(path, routes)
  return routes
}

const whence = (c: Context<Env>) => {
  const { ip, connectionId } = c.env.client
  return { ip, connection: connectionId, client: c.req.header('user-agent') ?? '' }
}
