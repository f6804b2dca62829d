import { createMailboxEvents } from '../modules/delivery/index.ts'
import { createImap } from '../modules/imap/index.ts'
import { createManageSieve } from '../modules/managesieve/index.ts'
import { createPop3 } from '../modules/pop3/index.ts'
import type { DataGround } from './compose-data.ts'
import type { Container, Get } from './container.ts'
import { deliveryPart } from './settings/outgoing-parts.ts'
import { imapPart, manageSievePart, pop3Part } from './settings/parts.ts'
import * as t from './tokens.ts'

/** What people use their mail with. */
export function composeReading(mail: Container, { settings, ambient }: DataGround): Container {
  return mail
    .bind(t.mailboxEvents, (get) =>
      createMailboxEvents({
        store: get(t.mailStore),
        notes: get(t.store).notes,
        accounts: get(t.accounts),
        scripts: get(t.sieveScripts),
        engine: get(t.sieveEngine),
        bytes: get(t.messageBytes),
        intake: get(t.intake),
        ...ambient,
        rules: deliveryPart(settings),
      }),
    )
    .bind(t.imap, (get) =>
      createImap({ ...imapParts(get), ...ambient, settings: leading(get, imapPart(settings)) }),
    )
    .bind(t.pop3, (get) =>
      createPop3({
        store: get(t.mailStore),
        credentials: get(t.credentials),
        scram: get(t.scram),
        oldServers: get(t.oldServers),
        ...ambient,
        settings: leading(get, pop3Part(settings)),
      }),
    )
    .bind(t.manageSieve, (get) =>
      createManageSieve({ ...scriptParts(get), ...ambient, settings: manageSievePart(settings) }),
    )
}

/**
 * While somebody's mail is elsewhere, clients are offered what leads there too: they choose before anybody knows who they are for. SCRAM
 * shows no password, and a server elsewhere may not know every extension. Read anew for each client.
 */
export function leading<Part extends { readonly offerScram: boolean }>(get: Get, part: Part) {
  const { isAnybodyElsewhere } = get(t.auth)
  return {
    ...part,
    get offerScram() {
      return part.offerScram && !isAnybodyElsewhere()
    },
    get mayPassOn() {
      return isAnybodyElsewhere()
    },
  }
}

export const imapParts = (get: Get) => ({
  store: get(t.mailStore),
  shares: get(t.store).shares,
  events: get(t.mailboxEvents).events,
  search: get(t.store).search,
  accounts: get(t.auth).accounts,
  bytes: get(t.messageBytes),
  credentials: get(t.credentials),
  scram: get(t.scram),
  oldServers: get(t.oldServers),
})

export const scriptParts = (get: Get) => ({
  scripts: get(t.sieveScripts),
  engine: get(t.sieveEngine),
  credentials: get(t.credentials),
  scram: get(t.scram),
})
