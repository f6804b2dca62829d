import { ImapFlow } from 'imapflow'
import { onTestFinished } from 'vitest'
import type { TestServer } from './server.ts'

/** A client of one of the users that `addUsers` made; closed when the test ends. */
export async function imapClient({ ports }: TestServer, user: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: `${user}@example.test`, pass: 'pw' },
    logger: false,
  })
  await client.connect()
  onTestFinished(() => client.close())
  return client
}

interface Raw {
  readonly exec: (
    command: string,
    attributes: readonly unknown[],
  ) => Promise<{ readonly next: () => Promise<void> }>
}

const text = (value: string) => ({ type: 'STRING', value })

/** A command for which imapflow has no method: a mailbox, and a list of names and values. */
export async function raw(
  client: ImapFlow,
  command: string,
  mailbox: string,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  const list = Object.entries(entries).flatMap(([name, value]) => [text(name), literal(value)])
  const answer = await (client as unknown as Raw).exec(command, [text(mailbox), list])
  await answer.next()
}

const literal = (value: string) =>
  /[\r\n]/.test(value) ? { type: 'LITERAL', value: Buffer.from(value) } : text(value)

/** In their order; none where there is no such mailbox. */
export async function subjectsIn(client: ImapFlow, mailbox: string): Promise<string[]> {
  if (!(await client.list()).some(({ path }) => path === mailbox)) return []
  const lock = await client.getMailboxLock(mailbox)
  try {
    const found: string[] = []
    for await (const { envelope } of client.fetch('1:*', { envelope: true }))
      found.push(envelope?.subject ?? '')
    return found
  } finally {
    lock.release()
  }
}
