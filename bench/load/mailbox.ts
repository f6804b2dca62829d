import { password } from '../server/accounts.ts'
import type { MailServer } from '../server/mail-server.ts'
import { mailboxMessage } from './corpus.ts'
import { type ImapConnection, openImap } from './imap-connection.ts'

const atOnce = 32

export async function signedIn(server: MailServer, user: string, from?: string): Promise<ImapConnection> {
  const connection = await openImap(server, from)
  await connection.login(user, password)
  return connection
}

/** Fills INBOX by APPEND, in order and with several commands under way; every third message is seen. */
export async function fillInbox(server: MailServer, user: string, count: number): Promise<void> {
  const connection = await signedIn(server, user)
  for (let first = 0; first < count; first += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - first) }, (_, at) => first + at)
    await Promise.all(
      batch.map((index) =>
        connection.append('INBOX', mailboxMessage(index), index % 3 === 0 ? '(\\Seen) ' : ''),
      ),
    )
  }
  connection.close()
}

export async function messagesIn(connection: ImapConnection): Promise<number> {
  const answer = await connection.ask('STATUS INBOX (MESSAGES)')
  return Number(/MESSAGES (\d+)/.exec(answer)?.[1] ?? Number.NaN)
}
