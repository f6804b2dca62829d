import { createFetching } from '../modules/fetch/index.ts'
import type { DataGround } from './compose-data.ts'
import type { Container } from './container.ts'
import { fetchPart } from './settings/fetch-part.ts'
import * as t from './tokens.ts'

/** Mail that comes because we go and get it. */
export function composeFetching(mail: Container, { settings, ambient }: DataGround): Container {
  return mail.bind(t.fetching, (get) =>
    settings.FETCHMAIL_ENABLED
      ? createFetching({
          list: get(t.auth).fetches,
          notes: get(t.store).notes,
          bytes: get(t.messageBytes),
          intake: get(t.intake),
          dns: get(t.dns),
          ...ambient,
          ...fetchPart(settings),
        })
      : undefined,
  )
}
