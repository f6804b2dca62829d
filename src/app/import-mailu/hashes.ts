import { randomBytes } from 'node:crypto'
import type { StoredHashes } from '../../ports/credentials.ts'
import type { Finding, MailuRows } from './installation.ts'

/** The rows with hashes that sign-in takes, and what has become of the others. */
export async function withUsableHashes(
  rows: MailuRows,
  stored: StoredHashes,
): Promise<{ rows: MailuRows; locked: ReadonlySet<string>; findings: readonly Finding[] }> {
  const users = await sorted(rows.user, stored)
  const tokens = await sorted(rows.token, stored)
  const findings = [
    ...users.unusable.map(
      ({ address, passwordHash }): Finding => ({
        what: 'new password needed',
        on: `user ${address}`,
        text: schemeOf(passwordHash),
      }),
    ),
    ...tokens.unusable.map(
      ({ id, user }): Finding => ({ what: 'token unusable', on: `token ${id}`, text: `of ${user}` }),
    ),
  ]
  const locked = new Set<string>(users.unusable.map(({ address }) => address))
  const user = rows.user.map((row) =>
    locked.has(row.address) ? { ...row, passwordHash: hashOfNothing() } : row,
  )
  return { rows: { ...rows, user, token: tokens.usable }, locked, findings }
}

async function sorted<T extends { readonly passwordHash: string }>(rows: readonly T[], stored: StoredHashes) {
  const answers = await stored.usable(rows.map(({ passwordHash }) => passwordHash))
  return {
    usable: rows.filter((_, at) => answers[at] === true),
    unusable: rows.filter((_, at) => answers[at] !== true),
  }
}

/** The name of the scheme, for people; never the hash. */
function schemeOf(hash: string): string {
  if (hash === '') return 'there is none'
  const [mark] = /^\$[\w-]+\$|^\{[\w.-]+\}/.exec(hash) ?? []
  return mark === undefined ? 'its scheme is not known' : `its scheme is ${mark}`
}

/** One that no password has: nobody signs in with it, and it is replaced like any other. */
function hashOfNothing(): string {
  const text = (octets: number) =>
    randomBytes(octets).toString('base64').replaceAll('+', '.').replace(/=+$/, '')
  return `$pbkdf2-sha256$1$${text(16)}$${text(32)}`
}
