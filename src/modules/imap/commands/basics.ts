import { othersPrefix } from '../access/others.ts'
import { capabilities } from '../session/capabilities.ts'
import { isSwitchedOff } from '../session/switched-off.ts'
import { always, inMailbox, nothing, signedIn } from './command.ts'
import { done, ok } from './replies.ts'

export const capability = always({
  parse: nothing,
  run: (session) => {
    session.out.line(`* CAPABILITY ${capabilities(session)}`)
    return done()
  },
})

/** News are told behind every command; here that is all. RFC 9051 §6.1.2. */
export const noop = always({ parse: nothing, run: () => done() })

/** RFC 3501 §6.4.1: there is nothing to check, everything is on disk. */
export const check = inMailbox({ needs: [], parse: nothing, run: () => done() })

export const logout = always({
  hazards: { changesMailbox: true },
  parse: nothing,
  run: (session) => {
    session.out.line('* BYE Until next time')
    session.unselect()
    session.over = true
    return done()
  },
})

/** RFC 2971. What the client says of itself goes to the log: it helps when one misbehaves. */
export const id = always({
  parse: (d) => (d.sp().tryWord('NIL') ? [] : d.list(() => d.nstring() ?? '')),
  run: (session, fields) => {
    const name = fields[fields.findIndex((field, at) => at % 2 === 0 && field.toLowerCase() === 'name') + 1]
    const { connection, services } = session
    session.client = name || undefined
    if (name) services.log.debug('imap.client', { connection: connection.id, client: name.slice(0, 100) })
    session.out.line('* ID ("name" "Homepost")')
    return done()
  },
})

/** RFC 9051 §6.3.1, RFC 7162 §3.1, RFC 9755 §3. */
export const enable = signedIn({
  needs: [],
  parse: (d) => {
    const names: string[] = []
    while (d.trySp()) names.push(d.keyword('capability'))
    return names.length > 0 ? names : d.fail('capability')
  },
  run: ({ session }, names) => {
    const enabled: string[] = []
    for (const name of names.filter((each) => !isSwitchedOff(session, each))) {
      if (name === 'IMAP4REV2') {
        session.enabled.rev2 = true
        enabled.push('IMAP4rev2')
      } else if (name === 'UTF8=ACCEPT') {
        session.enabled.utf8 = true
        enabled.push('UTF8=ACCEPT')
      } else if (name === 'CONDSTORE') {
        session.enabled.condstore = true
        enabled.push('CONDSTORE')
      } else if (name === 'QRESYNC') {
        // RFC 7162 §3.2.3: the one comes with the other.
        session.enabled.condstore = true
        session.enabled.qresync = true
        enabled.push('QRESYNC')
      } else if (name === 'UIDONLY') {
        session.enabled.uidOnly = true
        enabled.push('UIDONLY')
      }
    }
    session.out.line(`* ENABLED${enabled.map((name) => ` ${name}`).join('')}`)
    return ok('ENABLE completed')
  },
})

/** RFC 2342: one's own mail, and what others share. */
export const namespace = signedIn({
  needs: [],
  parse: nothing,
  run: ({ session }) => {
    session.out.line(`* NAMESPACE (("" "/")) (("${othersPrefix}" "/")) NIL`)
    return done()
  },
})
