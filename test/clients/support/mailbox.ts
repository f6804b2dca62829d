import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import type { TestServer } from '../../support/server.ts'

/** A signed-in imapflow client; the certificate is self-signed. */
export async function imapClient(server: TestServer, user: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.ports.imaps,
    secure: true,
    auth: { user: `${user}@example.test`, pass: 'pw' },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  await client.connect()
  return client
}

/** Every message of a mailbox as it was stored. */
export async function messagesOf(server: TestServer, user: string, mailbox = 'INBOX'): Promise<Buffer[]> {
  const client = await imapClient(server, user)
  const lock = await client.getMailboxLock(mailbox)
  try {
    const sources: Buffer[] = []
    // RFC 9051 §9: in an empty mailbox there is no last message to count up to.
    const all = client.mailbox !== false && client.mailbox.exists > 0 ? '1:*' : undefined
    if (all !== undefined)
      for await (const { source } of client.fetch(all, { source: true }))
        sources.push(source ?? Buffer.alloc(0))
    return sources
  } finally {
    lock.release()
    await client.logout()
  }
}

/** A nodemailer transport to port 25 (or, signed in, to the submission ports). */
export function transport(
  server: TestServer,
  how: 'plain' | 'starttls' | 'submission' | 'submissions',
  user = 'ann',
) {
  const port = {
    plain: server.ports.smtp,
    starttls: server.ports.smtp,
    submission: server.ports.submission,
    submissions: server.ports.submissions,
  }[how]
  return createTransport({
    host: '127.0.0.1',
    port,
    name: 'client.example.org',
    secure: how === 'submissions',
    requireTLS: how === 'starttls' || how === 'submission',
    ignoreTLS: how === 'plain',
    tls: { rejectUnauthorized: false },
    ...(how.startsWith('submission') ? { auth: { user: `${user}@example.test`, pass: 'pw' } } : {}),
  })
}
