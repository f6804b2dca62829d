import { ConnectionCount } from '../../platform/connection-count.ts'
import { Sessions } from '../../platform/sessions.ts'
import type { Accounts } from '../../ports/accounts.ts'
import type { ConnectionHandler } from '../../ports/connection.ts'
import type { CredentialVerifier, ScramVerifier } from '../../ports/credentials.ts'
import type { MailShares } from '../../ports/mail-shares.ts'
import type { MailStore } from '../../ports/mail-store.ts'
import type { MailboxEvents } from '../../ports/mailbox-events.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { OldServers } from '../../ports/old-servers.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import type { TextSearch } from '../../ports/text-search.ts'
import { Access } from './access/access.ts'
import { UrlKeys } from './access/url-keys.ts'
import { NewsRoom } from './notify/account-news.ts'
import { FlagTexts } from './selected/flag-texts.ts'
import { Images } from './selected/images.ts'
import { checkTime } from './session/check-time.ts'
import { serveSession } from './session/serve.ts'
import { type ImapSettings, type Services, Session } from './session/session.ts'

export interface Imap {
  readonly store: MailStore
  readonly search: TextSearch
  readonly shares: MailShares
  readonly events: MailboxEvents
  readonly accounts: Accounts
  readonly bytes: MessageBytes
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly oldServers: Pick<OldServers, 'enter'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: ImapSettings
}

const restarting = 'The service restarts; come back in a minute'

/** The IMAP server, for connections that somebody else accepts. RFC 9051, RFC 3501. */
export function createImap(given: Imap): ConnectionHandler {
  const { store, shares, search, events, clock, meter, settings, ...others } = given
  const reaching = { store, shares, search, events, accounts: given.accounts }
  // Without the store: what belongs to somebody is reached by their access alone.
  const services: Services = {
    ...others,
    clock,
    meter,
    settings,
    accessOf: (account) => new Access(account, reaching),
    images: new Images(store),
    flagTexts: new FlagTexts(store),
    newsRoom: new NewsRoom(store),
    urlKeys: new UrlKeys(),
    connections: new ConnectionCount(settings.maxConnectionsPerUserAndIp),
  }
  const sessions = new Sessions<Session>(clock, checkTime)
  meter.gauge('imap_connections', () => sessions.count)
  let draining = false
  return {
    async serve(connection) {
      const session = new Session(connection, services)
      if (draining) session.leave(restarting)
      await sessions.run(session, serveSession)
    },
    async drain() {
      draining = true
      await sessions.drain((session) => session.leave(restarting))
      services.images.stop()
    },
  }
}
