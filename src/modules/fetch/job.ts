import { createHash } from 'node:crypto'
import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { FetchSettings } from '../../ports/directory-rows.ts'

/** A mailbox elsewhere that is to be looked into. */
export interface Job extends Omit<FetchSettings, 'comment' | 'enabled'> {
  readonly id: number
  readonly user: Address
  readonly account: AccountId
  readonly password: string
}

/** Which mailbox elsewhere it is, whatever else of the settings changes: what was read there stays read. */
export function originOf({ account, protocol, host, username }: Job): string {
  const text = [account, protocol, host.toLowerCase(), username].join('\0')
  return createHash('sha256').update(text).digest('base64url').slice(0, 24)
}

/** A folder there, and the one here that its mail goes to. */
export interface Folder {
  readonly there: string
  readonly here: string
}

/** `Lists/Cats > Cats` goes to another folder than the INBOX. None named is the INBOX. */
export function foldersOf(texts: readonly string[]): readonly Folder[] {
  const folders = texts.flatMap((text) => {
    const [there = '', here = ''] = text.split(' > ', 2).map((part) => part.trim())
    return there === '' ? [] : { there, here: here === '' ? 'INBOX' : folderHere(here) }
  })
  return folders.length === 0 ? [{ there: 'INBOX', here: 'INBOX' }] : folders
}

const longestName = 200

/** A name that can be a mailbox here. */
function folderHere(text: string): string {
  const name = text
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('/')
    .normalize('NFC')
    .slice(0, longestName)
  return name === '' ? 'INBOX' : name.replace(/^inbox(?=\/|$)/i, 'INBOX')
}
