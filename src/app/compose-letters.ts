import { createLetterService } from '../modules/letters/index.ts'
import { createOwnLetters } from '../modules/smtp/index.ts'
import type { Clock, Log, Meter } from '../ports/runtime.ts'
import type { Container } from './container.ts'
import { hostnameOf, lettersPart } from './settings/parts.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

interface Ground {
  readonly settings: Settings
  readonly ambient: { readonly clock: Clock; readonly log: Log; readonly meter: Meter }
}

/** What this server writes to people itself. */
export function composeLetters(mail: Container, { settings, ambient }: Ground): Container {
  return mail
    .bind(t.ownLetters, (get) =>
      createOwnLetters({
        bytes: get(t.messageBytes),
        ownMail: get(t.ownMail),
        hostname: hostnameOf(settings),
        ...ambient,
      }),
    )
    .bind(t.letterService, (get) =>
      createLetterService({
        due: get(t.auth).lettersDue,
        letters: get(t.ownLetters),
        bytes: get(t.messageBytes),
        queue: get(t.queue),
        ...ambient,
        ...lettersPart(settings),
      }),
    )
}
