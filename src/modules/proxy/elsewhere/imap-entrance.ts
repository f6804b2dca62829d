import type { OldDoor } from '../../../lib/old-server.ts'
import type { OldSignIn } from '../../../ports/old-servers.ts'
import { type Let, plainAnswer } from './entrance.ts'
import type { Talk } from './talk.ts'
import { Unusable } from './unusable.ts'

/** What counts before somebody is signed in alone, or would let somebody else sign in on this connection. */
const forStrangers = /^(?:STARTTLS|LOGINDISABLED|AUTH=.*|SASL-IR|UNAUTHENTICATE)$/i

/** Signs in to an IMAP server; `said` is what it can do then. RFC 9051 §6.2, RFC 3501 §6.2. */
export async function enterImap(talk: Talk, door: OldDoor, signIn: Omit<OldSignIn, 'server'>): Promise<Let> {
  const greeting = await talk.line()
  if (!/^\* OK\b/i.test(greeting)) throw new Unusable('it greets with no OK')
  let known = capabilitiesIn(greeting)
  if (door.tls === 'starttls') {
    const { ending } = await command(talk, 'h1', 'STARTTLS')
    if (!isOk(ending)) throw new Unusable('it offers no STARTTLS')
    await talk.startTls()
    // RFC 9051 §6.2.1: what was said before counts no more.
    known = undefined
  }
  const before = known ?? (await askCapabilities(talk, 'h2'))
  const { ending, capabilities } = before.has('AUTH=PLAIN')
    ? await command(talk, 'h3', 'AUTHENTICATE PLAIN', plainAnswer(signIn))
    : await command(talk, 'h3', `LOGIN ${quoted(signIn.login)} ${quoted(signIn.password)}`)
  if (!isOk(ending)) return { kind: isForLater(ending) ? 'later' : 'no' }
  const after = capabilitiesIn(ending) ?? capabilities ?? (await askCapabilities(talk, 'h4'))
  return { kind: 'yes', said: [...after].filter((name) => !forStrangers.test(name)).join(' ') }
}

interface Ended {
  readonly ending: string
  readonly capabilities: ReadonlySet<string> | undefined
}

/** `answer` is for the server's `+`. */
async function command(talk: Talk, tag: string, text: string, answer?: string): Promise<Ended> {
  talk.say(`${tag} ${text}`)
  let capabilities: ReadonlySet<string> | undefined
  let left = answer
  for (;;) {
    const line = await talk.line()
    if (line.startsWith(`${tag} `)) return { ending: line.slice(tag.length + 1), capabilities }
    if (/^\* BYE\b/i.test(line)) throw new Unusable('it says good-bye')
    if (line.startsWith('+')) {
      if (left === undefined) throw new Unusable('it asks for more than was to be said')
      talk.say(left)
      left = undefined
    }
    capabilities = capabilitiesIn(line) ?? capabilities
  }
}

async function askCapabilities(talk: Talk, tag: string): Promise<ReadonlySet<string>> {
  const { ending, capabilities } = await command(talk, tag, 'CAPABILITY')
  if (!isOk(ending) || capabilities === undefined) throw new Unusable('it does not say what it can do')
  return capabilities
}

function capabilitiesIn(line: string): ReadonlySet<string> | undefined {
  const [, untagged, code] = /^\* CAPABILITY (.*)$|\[CAPABILITY ([^\]]*)\]/i.exec(line) ?? []
  const list = untagged ?? code
  // Nothing that would end the line on which it is told again.
  return list === undefined
    ? undefined
    : new Set(list.split(' ').filter((name) => /^[\x21-\x5c\x5e-\x7e]+$/.test(name)))
}

const isOk = (ending: string) => /^OK\b/i.test(ending)

/** RFC 5530 §3: trouble that passes. */
const isForLater = (ending: string) => /^NO \[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b/i.test(ending)

const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
