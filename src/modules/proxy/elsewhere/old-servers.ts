import type { OldDoor, OldService } from '../../../lib/old-server.ts'
import { Sessions } from '../../../platform/sessions.ts'
import type { Entered, OldServers, OldSignIn, PassedClient } from '../../../ports/old-servers.ts'
import type { Clock, Log, Meter, TryLater } from '../../../ports/runtime.ts'
import { connectTo } from './connect.ts'
import type { Let } from './entrance.ts'
import { enterImap } from './imap-entrance.ts'
import { OpenPassage } from './passage.ts'
import { enterPop3 } from './pop3-entrance.ts'
import { enterSubmission } from './submission-entrance.ts'
import { Talk } from './talk.ts'

interface Parts {
  readonly hostname: string
  /** Authorities to believe instead of the system's, PEM. */
  readonly authorities?: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** From connecting until somebody is signed in. */
const entranceMs = 20_000
const mostPassages = 2_000
/**
 * Sign-ins of one person under way. Programs open a handful at once; where the name of an old server leads here again, each sign-in
 * makes the next, and this is where that ends.
 */
const mostAtOnce = 10

const services = ['imap', 'pop3', 'submission'] as const

/** Leads people to the servers that still have their mail. docs/adr/047-mail-elsewhere.md */
export function openOldServers(parts: Parts): OldServers {
  const { clock, log, meter } = parts
  const entering = new Map<string, number>()
  const passages = new Sessions<OpenPassage>(clock, (passage, now) => passage.checkTime(now))
  meter.gauge('elsewhere_sessions', () => passages.count)

  async function enter(signIn: OldSignIn, { service, connection }: PassedClient): Promise<Entered> {
    const door = signIn.server[service]
    const { host } = signIn.server
    if (!door) return { kind: 'barred', text: `The server that has this mail does not speak this here` }
    const about = { connection, service, login: signIn.login, host, port: door.port }
    const found = await tryEnter(signIn, service, door)
    meter.count('elsewhere_sign_ins_total', { service, outcome: found.kind })
    if (found.kind !== 'entered') {
      log.warn(found.kind === 'barred' ? 'elsewhere.barred' : 'elsewhere.away', {
        ...about,
        reason: found.why,
      })
      return found.kind === 'barred' ? { kind: 'barred', text: notTaken } : away
    }
    log.info('elsewhere.entered', about)
    const { stream, early } = found.talk.handOver()
    const passage = new OpenPassage(stream, early, async (open) => {
      await passages.run(open, (each) => each.pump())
      log.info('elsewhere.ended', { connection, service, ...open.octets })
    })
    return { kind: 'entered', said: found.said, passage }
  }

  async function takes(signIn: OldSignIn): ReturnType<OldServers['takes']> {
    const service = services.find((name) => signIn.server[name] !== undefined)
    const door = service && signIn.server[service]
    if (!door) return { kind: 'no' }
    const found = await tryEnter(signIn, service, door)
    const { login, server } = signIn
    log.info('elsewhere.asked', { service, login, host: server.host, outcome: found.kind, reason: found.why })
    if (found.kind === 'away') return away
    if (found.kind === 'barred') return { kind: 'no' }
    found.talk.handOver().stream.destroy()
    return { kind: 'yes' }
  }

  async function tryEnter(signIn: OldSignIn, service: OldService, door: OldDoor): Promise<Found> {
    const { login, password, server } = signIn
    // Nobody's, and they would be read as commands.
    if (/[\0\r\n]/.test(login + password)) return { kind: 'barred', why: 'a control character' }
    const key = `${server.host} ${login}`
    const others = entering.get(key) ?? 0
    if (others >= mostAtOnce || passages.count >= mostPassages)
      return { kind: 'away', why: 'too many at once' }
    entering.set(key, others + 1)
    try {
      return await enterInTime(parts, signIn, service, door)
    } finally {
      const left = (entering.get(key) ?? 1) - 1
      if (left > 0) entering.set(key, left)
      else entering.delete(key)
    }
  }

  return { takes, enter }
}

type Found =
  | { readonly kind: 'entered'; readonly talk: Talk; readonly said: string; readonly why?: undefined }
  | { readonly kind: 'barred'; readonly why: string }
  | { readonly kind: 'away'; readonly why: string }

const notTaken = 'The server that has this mail does not take this password; ask your administrator'

const away: TryLater = {
  kind: 'later',
  reason: 'unreachable',
  text: 'The server that has this mail cannot be reached; try again later',
}

async function enterInTime(
  { hostname, authorities, clock }: Parts,
  signIn: OldSignIn,
  service: OldService,
  door: OldDoor,
): Promise<Found> {
  const { host, certificate } = signIn.server
  const over = new AbortController()
  const terms = { host, certificate, authorities, signal: over.signal }
  const done = new AbortController()
  void clock.sleep(entranceMs, done.signal).then(() => {
    if (!done.signal.aborted) over.abort()
  })
  try {
    const talk = new Talk(await connectTo(host, door, terms), terms)
    const end = await sayWho(talk, { service, door, hostname, signIn })
    if (end.kind === 'yes') return { kind: 'entered', talk, said: end.said }
    talk.handOver().stream.destroy()
    return end.kind === 'no'
      ? { kind: 'barred', why: 'it does not take this password' }
      : { kind: 'away', why: 'it has trouble of its own' }
  } catch (error) {
    // Whatever a stranger's server does: the client hears that it is not to be had now.
    over.abort()
    return { kind: 'away', why: error instanceof Error ? error.message : String(error) }
  } finally {
    done.abort()
  }
}

function sayWho(
  talk: Talk,
  of: {
    readonly service: OldService
    readonly door: OldDoor
    readonly hostname: string
    readonly signIn: OldSignIn
  },
): Promise<Let> {
  const { service, door, hostname, signIn } = of
  switch (service) {
    case 'imap':
      return enterImap(talk, door, signIn)
    case 'pop3':
      return enterPop3(talk, door, signIn)
    case 'submission':
      return enterSubmission(talk, door, hostname, signIn)
  }
}
