import { createImap } from '../modules/imap/index.ts'
import { createManageSieve } from '../modules/managesieve/index.ts'
import { createSmtp } from '../modules/smtp/index.ts'
import type { ConnectionHandler, ListenerName } from '../ports/connection.ts'
import type { DataGround } from './compose-data.ts'
import { imapParts, scriptParts } from './compose-reading.ts'
import type { Get } from './container.ts'
import { openListeners } from './listeners.ts'
import { imapPart, manageSievePart, smtpPart } from './settings/parts.ts'
import * as t from './tokens.ts'

export const receptionParts = (get: Get) => ({
  intake: get(t.intake),
  bytes: get(t.messageBytes),
  credentials: get(t.credentials),
  scram: get(t.scram),
  senders: get(t.senders),
  oldServers: get(t.oldServers),
})

type Handlers = Partial<Record<ListenerName, ConnectionHandler>>

/**
 * The same protocols once more, for web applications attached to our pages: without TLS, and whoever signs in has the password of
 * a web session or an app token. Only those are made whose ports are open.
 */
export function attachedHandlers(get: Get, { settings, ambient }: DataGround): Handlers {
  const open = new Set(openListeners(settings).map(({ name }) => name))
  const plain = { allowPlaintextAuth: true, offerScram: false }
  const inside = { ...ambient, credentials: get(t.auth).attached }
  const handlers: Handlers = {}
  if (open.has('attached-imap')) {
    const own = { ...imapPart(settings), ...plain }
    handlers['attached-imap'] = createImap({ ...imapParts(get), ...inside, settings: own })
  }
  if (open.has('attached-submission')) {
    const own = { ...smtpPart(settings), ...plain }
    handlers['attached-submission'] = createSmtp({
      ...receptionParts(get),
      ...inside,
      settings: own,
    }).submission
  }
  if (open.has('attached-sieve')) {
    const own = { ...manageSievePart(settings), ...plain }
    handlers['attached-sieve'] = createManageSieve({ ...scriptParts(get), ...inside, settings: own })
  }
  return handlers
}
