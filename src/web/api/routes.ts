import { type Context, Hono } from 'hono'
import type { ApiAccess } from '../../ports/api-access.ts'
import type { CredentialVerifier } from '../../ports/credentials.ts'
import type { Log } from '../../ports/runtime.ts'
import type { Env } from '../site/visit.ts'
import { message, tooMany } from './answer.ts'
import type { ApiPorts, Asked } from './operation.ts'
import { personAsking } from './person.ts'

export interface ApiParts extends ApiPorts {
  readonly access: ApiAccess
  readonly credentials: CredentialVerifier
  readonly log: Log
}

/** Mailu's REST API. `path` is WEB_API. What reads and answers is loaded when somebody may use it: an idle server stays small. */
export function apiRoutes({ access, credentials, log, ...ports }: ApiParts, path: string): Hono<Env> {
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
    return person instanceof Response ? person : perform(c, { actor: person.address, person })
  }
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
      case 'refused':
        return message(403, 'Invalid API token')
      case 'accepted':
        return perform(c, { actor: verdict.actor, person: undefined })
    }
  })
  routes.all('/*', () => message(404, 'The API has no such path.'))

  routes.onError((cause, c) => {
    const { connectionId } = c.env.client
    log.error('api.failed', cause, { connection: connectionId })
    return message(503, `This does not work at the moment; the log has why: ${connectionId}.`, {
      'Retry-After': '60',
    })
  })
  return routes
}

const whence = (c: Context<Env>) => {
  const { ip, connectionId } = c.env.client
  return { ip, connection: connectionId, client: c.req.header('user-agent') ?? '' }
}
