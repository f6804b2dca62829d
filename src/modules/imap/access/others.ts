import type { Address } from '../../../lib/address.ts'
import { canonicalName } from '../wire/mailbox-name.ts'

/** The level above everything that others share. RFC 2342: a namespace for the mail of other users. */
const top = 'Other Users'
export const othersPrefix = `${top}/`

/** Whether a name is of the namespace, or stands where it begins. */
export function isOthers(name: string): boolean {
  return name === top || name.startsWith(othersPrefix)
}

/** `Other Users/bob@home.test/Projects`, or the level of all that bob shares. */
export function othersName(owner: Address, local?: string): string {
  return local === undefined ? othersPrefix + owner : `${othersPrefix}${owner}/${local}`
}

/** What the owner calls it, where the name is below that owner's level. An address may hold a `/`. */
export function localName(name: string, owner: Address): string | undefined {
  const level = `${othersName(owner)}/`
  const isBelow = name.slice(0, level.length).toLowerCase() === level.toLowerCase()
  return isBelow && name.length > level.length ? canonicalName(name.slice(level.length)) : undefined
}
