import { type Context, Hono } from 'hono'
import type { ApiAccess } from '../../ports/api-access.ts'
import type { Log } from '../../ports/runtime.ts'
import type { Env } from '../site/visit.ts'
import { message } from './answer.ts'
import type { ApiPorts } from './operation.ts'

export interface ApiParts extends ApiPorts {
  readonly access: ApiAccess
  readonly log: Log
}

/** Mailu's REST API. `path` is WEB_API. What reads and answers is loaded when somebody may use it: an idle server stays small. */
export function apiRoutes({ access, log, ...ports }: ApiParts, path: string): Hono<Env> {
  const routes = new Hono<Env>()
  const base = `${path}/v1`
  const load = async () => (await import('./dispatcher.ts')).createDispatcher(ports, base)
  let dispatch: ReturnType<typeof load> | undefined

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
        dispatch ??= load()
        return (await dispatch)(c.req.raw, { actor: verdict.actor })
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

const whence = (c: Context<Env>) => ({ ip: c.env.client.ip, connection: c.env.client.connectionId })

function tooMany(retryAfterSeconds: number): Response {
  const text = 'Too many attempts from your IP (rate-limit)'
  return message(429, text, { 'Retry-After': String(retryAfterSeconds) })
}
