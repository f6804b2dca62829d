import { createImap } from '../modules/imap/index.ts'
import { createManageSieve } from '../modules/managesieve/index.ts'
import { createPop3 } from '../modules/pop3/index.ts'
import { composeData, type DataGround } from './compose-data.ts'
import type { Container } from './container.ts'
import { imapPart, manageSievePart, pop3Part } from './settings/parts.ts'
import * as t from './tokens.ts'

/** What people use their mail with: it needs nothing but the data. */
export function composeReading(ground: DataGround): Container {
  const { settings, ambient } = ground
  return composeData(ground)
    .bind(t.imap, (get) =>
      createImap({
        store: get(t.mailStore),
        shares: get(t.store).shares,
        search: get(t.store).search,
        accounts: get(t.auth).accounts,
        bytes: get(t.messageBytes),
        credentials: get(t.credentials),
        scram: get(t.scram),
        ...ambient,
        settings: imapPart(settings),
      }),
    )
    .bind(t.pop3, (get) =>
      createPop3({
        store: get(t.mailStore),
        credentials: get(t.credentials),
        scram: get(t.scram),
        ...ambient,
        settings: pop3Part(settings),
      }),
    )
    .bind(t.manageSieve, (get) =>
      createManageSieve({
        scripts: get(t.sieveScripts),
        engine: get(t.sieveEngine),
        credentials: get(t.credentials),
        scram: get(t.scram),
        ...ambient,
        settings: manageSievePart(settings),
      }),
    )
}
