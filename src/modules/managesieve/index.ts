import { ConnectionCount } from '../../platform/connection-count.ts'
import { Sessions } from '../../platform/sessions.ts'
import type { ConnectionHandler } from '../../ports/connection.ts'
import { checkTime } from './session/check-time.ts'
import { serveSession } from './session/serve.ts'
import type { ManageSieveParts } from './session/services.ts'
import { Session } from './session/session.ts'
import { replies } from './texts.ts'

/** The ManageSieve server, for connections that somebody else accepts. RFC 5804. */
export function createManageSieve(parts: ManageSieveParts): ConnectionHandler {
  const connections = new ConnectionCount(parts.settings.maxConnectionsPerUserAndIp)
  const sessions = new Sessions<Session>(parts.clock, checkTime)
  parts.meter.gauge('managesieve_connections', () => sessions.count)
  let draining = false
  return {
    async serve(connection) {
      const extensions = await parts.engine.capabilities()
      const session = new Session(connection, { ...parts, extensions, connections })
      if (draining) session.leave(replies.restarting)
      await sessions.run(session, serveSession)
    },
    async drain() {
      draining = true
      await sessions.drain((session) => session.leave(replies.restarting))
    },
  }
}
