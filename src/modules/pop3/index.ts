import { Sessions } from '../../platform/sessions.ts'
import type { ConnectionHandler } from '../../ports/connection.ts'
import { Locks } from './maildrop/locks.ts'
import { Sizes } from './maildrop/sizes.ts'
import { checkTime } from './session/check-time.ts'
import { serveSession } from './session/serve.ts'
import type { Pop3Parts } from './session/services.ts'
import { Session } from './session/session.ts'

/** The POP3 server, for connections that somebody else accepts. RFC 1939, RFC 2449. */
export function createPop3(parts: Pop3Parts): ConnectionHandler {
  const services = { ...parts, locks: new Locks(), sizes: new Sizes(parts.store) }
  const sessions = new Sessions<Session>(parts.clock, checkTime)
  parts.meter.gauge('pop3_connections', () => sessions.count)
  let draining = false
  return {
    async serve(connection) {
      const session = new Session(connection, services)
      if (draining) session.leave()
      await sessions.run(session, serveSession)
    },
    async drain() {
      draining = true
      await sessions.drain((session) => session.leave())
    },
  }
}
