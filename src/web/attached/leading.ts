import type { Hono } from 'hono'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { Onward, WebHandler } from '../../ports/web.ts'
import type { WebSessions } from '../../ports/web-sessions.ts'
import type { Env } from '../site/visit.ts'

interface LeadingParts {
  readonly sessions: Pick<WebSessions, 'list'>
  readonly admin: Pick<DirectoryReader, 'user'>
}

/** WebSockets of attached applications: asked for as their pages are, and good as long as the session is. */
export function leading(
  web: Hono<Env>,
  { sessions, admin }: LeadingParts,
): Required<Pick<WebHandler, 'lead' | 'isStill'>> {
  return {
    lead: async (request, client) => {
      const led: Onward[] = []
      const answer = await web.fetch(request, { client, lead: (onward: Onward) => void led.push(onward) })
      return led[0] ?? answer
    },
    isStill: async ({ account, address, session, asAdmin }) => {
      const user = await admin.user(address)
      if (user?.account !== account || user.mustChangePassword || (asAdmin && !user.globalAdmin)) return false
      return (await sessions.list(account)).some(({ id }) => id === session)
    },
  }
}
