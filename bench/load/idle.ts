import { user } from '../server/accounts.ts'
import type { MailServer } from '../server/mail-server.ts'
import type { ImapConnection } from './imap-connection.ts'
import { signedIn } from './mailbox.ts'

const openAtOnce = 10

/**
 * Opens `count` connections that idle in INBOX, shared out over `owners` accounts from `firstOwner` on. Each connection
 * of an account comes from another address: servers limit how many an account has from one.
 */
export async function openIdle(
  server: MailServer,
  options: { count: number; owners: number; firstOwner: number },
  onData: (connection: number, text: string) => void = () => undefined,
): Promise<readonly ImapConnection[]> {
  const opened: ImapConnection[] = []
  for (let first = 0; first < options.count; first += openAtOnce) {
    const batch = Array.from({ length: Math.min(openAtOnce, options.count - first) }, (_, at) => first + at)
    const connections = batch.map(async (index) => {
      const owner = user(options.firstOwner + (index % options.owners))
      const connection = await signedIn(
        server,
        owner,
        `127.0.0.${2 + (Math.floor(index / options.owners) % 250)}`,
      )
      await connection.command('SELECT INBOX')
      await connection.idle((text) => onData(index, text))
      return connection
    })
    opened.push(...(await Promise.all(connections)))
  }
  return opened
}

/** Appends one message and resolves with how long each of the idle connections took to hear of it. */
export async function fanOut(
  server: MailServer,
  options: { connections: number; owner: number; message: Uint8Array; patienceMs: number },
): Promise<FanOut> {
  const heardAt = new Map<number, number>()
  let allHeard: () => void = () => undefined
  const everybody = new Promise<void>((resolve) => {
    allHeard = resolve
  })
  const { connections: count, owner } = options
  const idle = await openIdle(server, { count, owners: 1, firstOwner: owner }, (connection, text) => {
    if (!text.includes(' EXISTS') || heardAt.has(connection)) return
    heardAt.set(connection, performance.now())
    if (heardAt.size === count) allHeard()
  })
  const appender = await signedIn(server, user(owner))
  const once = async (): Promise<readonly number[]> => {
    const from = performance.now()
    await appender.append('INBOX', options.message)
    const tooLate = setTimeout(allHeard, options.patienceMs)
    await everybody
    clearTimeout(tooLate)
    if (heardAt.size < count) throw new Error(`Only ${heardAt.size} of ${count} idle connections were told`)
    return [...heardAt.values()].map((at) => at - from)
  }
  return {
    once,
    close: () => {
      for (const connection of [...idle, appender]) connection.close()
    },
  }
}

type FanOut = { readonly once: () => Promise<readonly number[]>; readonly close: () => void }
