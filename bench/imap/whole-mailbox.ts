import type { ImapConnection } from '../load/imap-connection.ts'
import { fillInbox, signedIn } from '../load/mailbox.ts'
import type { Row } from '../measure/pairs.ts'
import { bigMailboxOwner, user } from '../server/accounts.ts'
import type { MailServer } from '../server/mail-server.ts'

/** What is done to a whole mailbox at once, and how long it takes to get at one. */
export const wholeMailboxRows = (): readonly Row[] => [
  copying(),
  moving(),
  firstStructures(),
  signingIn(),
  selectingAfterRestart(),
]

/** Each round into a new mailbox, which stays. */
function copying(): Row {
  return {
    name: 'COPY of all',
    unit: 'ms',
    better: 'lower',
    target: 4,
    async trial(server, round) {
      const connection = await signedIn(server, bigMailboxOwner)
      await connection.command(`CREATE Copy-${round}`)
      await connection.command('SELECT INBOX')
      const value = await timeOf(connection, `COPY 1:* Copy-${round}`)
      connection.close()
      return { value, operations: 1 }
    },
  }
}

/** Forth and back. */
function moving(): Row {
  return {
    name: 'MOVE of all',
    unit: 'ms',
    better: 'lower',
    target: 4,
    async warmUp(server) {
      const connection = await signedIn(server, bigMailboxOwner)
      for (const name of ['Move-0', 'Move-1']) await connection.command(`CREATE ${name}`)
      await connection.command('SELECT INBOX')
      await connection.command('COPY 1:* Move-0')
      connection.close()
    },
    async trial(server, round) {
      const connection = await signedIn(server, bigMailboxOwner)
      await connection.command(`SELECT Move-${round % 2}`)
      const value = await timeOf(connection, `MOVE 1:* Move-${(round + 1) % 2}`)
      connection.close()
      return { value, operations: 1 }
    },
  }
}

/** Of 4,000 messages that nobody has looked at. What the trial does before that is in the CPU, but not in the time. */
function firstStructures(): Row {
  return {
    name: 'FETCH (BODYSTRUCTURE) for the first time',
    rounds: 2,
    unit: 'ms',
    better: 'lower',
    target: 30,
    async trial(server, round) {
      const owner = user(80 + round)
      await fillInbox(server, owner, 4000)
      const connection = await signedIn(server, owner)
      await connection.command('SELECT INBOX')
      const value = await timeOf(connection, 'FETCH 1:* (BODYSTRUCTURE)')
      connection.close()
      return { value, operations: 1 }
    },
  }
}

/** Connection, greeting, sign-in with a password and good-bye, ten at once; with `--tls` the handshake too. */
function signingIn(): Row {
  const atOnce = 10
  const atLeastMs = 2000
  return {
    name: `sign-in c=${atOnce}`,
    unit: '/s',
    better: 'higher',
    target: 3,
    async trial(server) {
      const from = performance.now()
      let count = 0
      const keepSigningIn = async (owner: string): Promise<void> => {
        while (performance.now() - from < atLeastMs) {
          const connection = await signedIn(server, owner)
          connection.close()
          count++
        }
      }
      await Promise.all(Array.from({ length: atOnce }, (_, index) => keepSigningIn(user(1 + index))))
      return { value: (count * 1000) / (performance.now() - from), operations: count }
    },
  }
}

/** Nobody has asked for this mailbox since the server started. The last row: whoever was connected is not any more. */
function selectingAfterRestart(): Row {
  return {
    name: 'SELECT right after a restart',
    unit: 'ms',
    better: 'lower',
    target: 1,
    async trial(server) {
      await server.restart()
      // the first sign-in loads what signing in needs
      const other = await signedIn(server, user(1))
      await other.command('SELECT INBOX')
      const value = await timeOfSelect(server)
      other.close()
      return { value, operations: 1 }
    },
  }
}

async function timeOfSelect(server: MailServer): Promise<number> {
  const connection = await signedIn(server, bigMailboxOwner)
  const value = await timeOf(connection, 'SELECT INBOX')
  connection.close()
  return value
}

async function timeOf(connection: ImapConnection, command: string): Promise<number> {
  const from = performance.now()
  await connection.command(command)
  return performance.now() - from
}
