import { always, beforeLogin, inMaildrop } from '../command.ts'
import { languageRange, nothing } from '../grammar/arguments.ts'
import { err, mistake, ok, type Reply } from '../reply.ts'
import { capabilities } from '../session/capabilities.ts'
import type { Session } from '../session/session.ts'
import { languageFor, languages } from '../texts.ts'
import { sayLines } from './say-lines.ts'

/** RFC 2449 §5. */
export const capa = always({
  parse: nothing,
  run: (session) => sayLines(session, ok('capabilities'), capabilities(session)),
})

export const noop = inMaildrop({ parse: nothing, run: () => ok('still') })

/** RFC 6856 §3.2. */
export const lang = always({
  parse: languageRange,
  run: (session, range) => {
    if (range === undefined) {
      const lines = Object.entries(languages).map(([tag, name]) => `${tag} ${name}`)
      return sayLines(session, ok('languages'), lines)
    }
    const language = languageFor(range)
    if (!language) return err(undefined, 'unknownLanguage')
    session.language = language
    return ok('language', language)
  },
})

/** RFC 6856 §2.1. */
export const utf8 = beforeLogin({
  parse: nothing,
  run: (session) => {
    session.utf8 = true
    return ok('utf8')
  },
})

/** RFC 1939 §4, §6: behind sign-in this is the UPDATE state, the only one that removes anything. */
export const quit = always({
  parse: nothing,
  run: async (session) => {
    session.over = true
    return session.maildrop ? await update(session) : ok('goodbye')
  },
})

async function update({ services, maildrop, connection }: Session): Promise<Reply> {
  if (!maildrop) return mistake('signInFirst')
  const update = await maildrop.update(services)
  if (update.kind === 'later') return err('SYS/TEMP', 'later', update.text)
  const { removed } = update
  if (removed === 0) return ok('goodbye')
  const { account } = maildrop
  services.log.info('pop3.messages-removed', { connection: connection.id, account, messages: removed })
  return ok('removed', removed)
}
